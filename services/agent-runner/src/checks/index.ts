export type { CheckedWorktree, CheckOutcome, ProjectChecks, ProjectCommand } from './port.ts';
export { projectChecks } from './project-checks.ts';
export { type RunningChecks, runChecks } from './run-checks.ts';
