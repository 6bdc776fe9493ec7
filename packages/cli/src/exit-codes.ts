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

/** What was given cannot be worked with, whoever says so: nothing was made of it. */
const unusable =
  /^(USAGE|CONFIGURATION|BAD_(REQUEST|MOMENT|PATH|LINE|COMMIT|FORK_POINT|PROMPT|WEBHOOK_URL)|INVALID_(INPUT|WORKFLOW|POSITION)|UNKNOWN_(WORKFLOW|EVENT_TYPE|AGENT_TYPE)|(PRD|PROMPT|REPOSITORY|WORKFLOW|GOAL)_.+|GIT_NOT_INSTALLED|NOT_A_REPOSITORY|DETACHED_HEAD|BASE_BRANCH_NOT_FOUND|BRANCH_NAME_INVALID|MODEL_(NOT_FOUND|NOT_CONFIGURED|PRICE_UNKNOWN))$/;

const notAuthorised: ReadonlySet<string> = new Set([
  'KEY_EXPIRED',
  'KEY_REQUIRED',
  'KEY_REVOKED',
  'KEY_UNKNOWN',
  'NOT_A_MEMBER',
  'ROLE_TOO_LOW',
  'SCOPE_MISSING',
  'MODEL_UNAUTHORIZED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'KEYS_REQUIRED',
]);

/** Of an error that ended a command. */
export const exitCodeOfError = ({ code }: Pick<PartituraError, 'code'>): ExitCode => {
  if (notAuthorised.has(code)) return exitCodes.notAuthorised;
  if (unusable.test(code)) return exitCodes.unusableInput;
  return exitCodes.error;
};

/**
 * Of a run that came to an end, or to a point where it goes on only when somebody does something. `trouble` is the code of the
 * last problem that was in its way.
 */
export const exitCodeOfRun = (run: RunResource, trouble: string | null = null): ExitCode => {
  switch (run.status) {
    case 'completed':
      return exitCodes.done;
    case 'stopped_budget':
      return exitCodes.stoppedByBudget;
    case 'stopped_policy':
      return exitCodes.failedChecks;
    case 'failed':
      return run.tasks.deadLettered > 0 ? exitCodes.failedChecks : byTrouble(trouble);
    case 'cancelled':
    case 'excerpt':
      return exitCodes.error;
    case 'queued':
    case 'running':
    case 'paused':
      return run.pendingApprovals > 0 ? exitCodes.waitsForApproval : byTrouble(trouble);
  }
};

/** A run that would be decided otherwise today has failed the check that a replay is. */
export const exitCodeOfReplay = ({ agrees }: { readonly agrees: boolean }): ExitCode =>
  agrees ? exitCodes.done : exitCodes.failedChecks;

const byTrouble = (code: string | null): ExitCode => {
  if (code === 'STEP') return exitCodes.waitsForApproval;
  if (code !== null && notAuthorised.has(code)) return exitCodes.notAuthorised;
  return code?.startsWith('BUDGET_') ? exitCodes.stoppedByBudget : exitCodes.error;
};
