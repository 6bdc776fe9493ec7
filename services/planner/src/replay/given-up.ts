import { noUsage, type PlanEvent } from '@partitura/shared/events';
import type { PlanState } from '../phase/state.ts';

type Failed = Extract<PlanEvent, { type: 'plan.failed' }>;

/** What the planner itself ends a phase for. */
const own: ReadonlySet<string> = new Set([
  'REQUIREMENTS_INVALID',
  'ARCHITECTURE_INVALID',
  'PLAN_INVALID',
  'BUDGET_EXCEEDED',
  'PRD_TOO_LONG_FOR_MODEL',
]);

/** A phase that ended for what is not in the log: a model that is not configured, a store that was away, a defect. */
export const isGivenUp = (event: PlanEvent): event is Failed =>
  event.type === 'plan.failed' && !own.has(event.data.problem.code);

/** The end of such a phase, with what it had cost. */
export const givenUp = (
  { visit }: PlanState,
  { data: { phase, visit: number, problem } }: Failed,
): PlanEvent => {
  const usage = visit?.phase === phase && visit.visit === number ? visit.usage : noUsage;
  return { type: 'plan.failed', data: { phase, visit: number, problem, usage } };
};
