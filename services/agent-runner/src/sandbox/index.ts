export { type DetectedSandbox, detectSandbox } from './detect.ts';
export type { Sandbox, SandboxCommand, SandboxResult } from './port.ts';
