import type { RunEvent } from '@partitura/shared/events';
import {
  fits,
  freeOf,
  limitsTokensOrMoney,
  mayGiveBack,
  newThresholds,
  planHolder,
} from '@partitura/shared/policies';
import type { CommandOf } from './commands.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import { attemptOf, taskIdOfAttempt } from './task.ts';

/** Notes that a holder wants more; whether there is enough follows from the ledger (`answerWaiting`). */
export const requestAllowance = (
  command: CommandOf<'request_allowance'>,
  run: RunState,
): readonly RunEvent[] => {
  const { holder, requestId, amount } = command;
  if (run === null || isEnded(run) || !isAtWork(run, holder)) return [];
  if (
    run.ledger.answered.has(requestId) ||
    run.ledger.waiting.some((request) => request.requestId === requestId)
  )
    return [];
  return [{ type: 'budget.requested', data: { holder, requestId, amount } }];
};

/** What is given to a holder that does not count any more would never come back. */
const isAtWork = (run: Run, holder: string): boolean =>
  run.ledger.held.has(holder) &&
  (holder === planHolder || attemptOf(run.tasks.get(taskIdOfAttempt(holder)), holder) !== null);

/**
 * Answers the first who waits: yes when it fits; no when nobody is left who could give something back, which exhausts the
 * budget. Otherwise it goes on waiting.
 */
export const answerWaiting = (run: Run): readonly RunEvent[] => {
  const first = run.ledger.waiting[0];
  if (!first) return [];
  const { budget } = run.configuration;
  if (!limitsTokensOrMoney(budget) || fits(first.amount, freeOf(run.ledger, budget))) {
    return [{ type: 'budget.reserved', data: first }];
  }
  if (mayGiveBack(run.ledger)) return [];
  return [
    {
      type: 'budget.denied',
      data: { holder: first.holder, requestId: first.requestId, asked: first.amount },
    },
    ...exhaust(run),
  ];
};

/** The limit that leaves no room, and what the operator wanted to happen then. */
export const exhaust = (run: Run): readonly RunEvent[] => {
  const { budget } = run.configuration;
  if (budget === null || run.ledger.exhausted) return [];
  const free = freeOf(run.ledger, budget);
  const byMoney =
    budget.microUsd !== null &&
    (budget.tokens === null || free.microUsd / budget.microUsd <= free.tokens / budget.tokens);
  const { spent } = run.ledger;
  const tokens = spent.inputTokens + spent.outputTokens + spent.cacheReadTokens + spent.cacheWriteTokens;
  const exhausted: RunEvent = {
    type: 'budget.exhausted',
    data: byMoney
      ? { limit: 'usd', spent: spent.costMicroUsd, allowed: budget.microUsd ?? 0, action: budget.onExceed }
      : { limit: 'tokens', spent: tokens, allowed: budget.tokens ?? 0, action: budget.onExceed },
  };
  const detail = byMoney
    ? `$${(spent.costMicroUsd / 1e6).toFixed(2)} of $${((budget.microUsd ?? 0) / 1e6).toFixed(2)} are spent, and the next call may cost more than is left.`
    : `${tokens} of ${budget.tokens ?? 0} tokens are spent, and the next call may take more than are left.`;
  const end: RunEvent =
    budget.onExceed === 'stop'
      ? { type: 'run.stopped', data: { by: 'budget', detail, usage: spent } }
      : { type: 'run.paused', data: { reason: 'budget', detail } };
  return [exhausted, end];
};

/** Shares of a limit that were reached since anybody was told. */
export const tellThresholds = (run: Run): readonly RunEvent[] => {
  const { budget } = run.configuration;
  if (budget === null) return [];
  return newThresholds(run.ledger, budget, run.ledger.spent).map((data) => ({
    type: 'budget.threshold_reached',
    data,
  }));
};
