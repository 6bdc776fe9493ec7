export type { Sandbox, SandboxCommand, SandboxResult } from './port.ts';
