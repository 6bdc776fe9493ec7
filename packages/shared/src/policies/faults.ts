import type { Problem } from '../events/index.ts';

/** Failures of a planner or an agent that somebody can mend, whereupon the same work may go on: nobody is to blame for them. */
const mendable: ReadonlySet<string> = new Set([
  'MODEL_UNAUTHORIZED',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_CONFIGURED',
  'MODEL_PRICE_UNKNOWN',
  'MODEL_UNAVAILABLE',
]);

/** Failures that are not the work's fault: such an attempt does not count against its task. */
const blameless: ReadonlySet<string> = new Set([...mendable, 'BUDGET_DENIED', 'PAUSED_PAST_DEADLINE']);

export const isBlameless = (problem: Problem): boolean => blameless.has(problem.code);

export const isMendable = (problem: Problem): boolean => mendable.has(problem.code);
