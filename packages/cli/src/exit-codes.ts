import type { RunResource } from '@partitura/shared/http';
import type { PartituraError } from '@partitura/shared/runtime';

/** What a script reads from a command's end. Part of the contract: never renumbered. */
export const exitCodes = {
  done: 0,
  error: 1,
  unusableInput: 2,
  failedChecks: 3,
  notAuthorised: 4,
  waitsForApproval: 5,
  stoppedByBudget: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const unusable: ReadonlySet<string> = new Set([
  'USAGE',
  'CONFIGURATION',
  'BAD_REQUEST',
  'INVALID_INPUT',
  'UNKNOWN_WORKFLOW',
  'INVALID_WORKFLOW',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_CONFIGURED',
  'MODEL_PRICE_UNKNOWN',
]);

const unusableKinds = /^(PRD|REPOSITORY|WORKFLOW|GIT)_/;

const notAuthorised: ReadonlySet<string> = new Set([
  'MODEL_UNAUTHORIZED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'KEYS_REQUIRED',
]);

/** Of an error that ended a command. */
export const exitCodeOfError = ({ code }: Pick<PartituraError, 'code'>): ExitCode => {
  if (notAuthorised.has(code)) return exitCodes.notAuthorised;
  if (unusable.has(code) || unusableKinds.test(code)) return exitCodes.unusableInput;
  return exitCodes.error;
};

/** Of a run that came to an end, or to a point where it goes on only when somebody does something. */
export const exitCodeOfRun = ({ status, tasks, pendingApprovals, statusDetail }: RunResource): ExitCode => {
  switch (status) {
    case 'completed':
      return exitCodes.done;
    case 'stopped_budget':
      return exitCodes.stoppedByBudget;
    case 'stopped_policy':
      return exitCodes.failedChecks;
    case 'failed':
      return tasks.deadLettered > 0 ? exitCodes.failedChecks : exitCodes.error;
    case 'cancelled':
      return exitCodes.error;
    case 'queued':
    case 'running':
    case 'paused':
      if (pendingApprovals > 0) return exitCodes.waitsForApproval;
      return statusDetail?.includes('budget') ? exitCodes.stoppedByBudget : exitCodes.error;
  }
};
