export type { CheckedWorktree, CheckOutcome, ProjectChecks, ProjectCommand } from './port.ts';
