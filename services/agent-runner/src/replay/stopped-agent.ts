import type { AgentEvent, Problem } from '@partitura/shared/events';
import type { Assignment } from '../agents/assignment.ts';
import { cancelled, failed } from '../agents/endings.ts';
import type { AgentState } from '../agents/state.ts';
import { reasonToEnd } from '../attempts/ties.ts';
import type { RunView } from '../runs/run-view.ts';

type Finished = Extract<AgentEvent, { type: 'agent.finished' }>;

/** What an agent itself ends for. Codes of models are among them when a model was asked. */
const own: ReadonlySet<string> = new Set([
  'LOOP_DETECTED',
  'VERIFICATION_FAILED',
  'MODEL_REFUSED',
  'BUDGET_DENIED',
  'TASK_TIMEOUT',
]);

const isLate = (view: RunView, { attemptId }: Assignment, at: number): boolean => {
  const deadline = view.attempts.get(attemptId)?.deadlineAt;
  return deadline === undefined || Date.parse(deadline) <= at;
};

/** How an attempt ends that is stopped from outside, as the run and the clock say; null when they do not say so. */
export const stoppedAgent = (
  state: AgentState,
  assignment: Assignment,
  view: RunView,
  { data }: Finished,
  at: number,
): AgentEvent | null => {
  if (data.outcome === 'cancelled') {
    const reason = reasonToEnd(view, assignment);
    return reason === null ? null : cancelled(state, assignment, reason);
  }
  if (data.outcome !== 'failed' || data.problem.code !== 'TASK_TIMEOUT') return null;
  const message = 'The attempt took longer than it may.';
  return isLate(view, assignment, at) ? failed(state, assignment, { code: 'TASK_TIMEOUT', message }) : null;
};

/** A runner that failed, or a model that is not to be had: no event says why. */
export const isGivenUp = (event: AgentEvent, state: AgentState): event is Finished =>
  event.type === 'agent.finished' &&
  event.data.outcome === 'failed' &&
  !own.has(event.data.problem.code) &&
  state.failure?.code !== event.data.problem.code;

export const givenUp = (state: AgentState, assignment: Assignment, { data }: Finished): AgentEvent => {
  const problem: Problem = data.outcome === 'failed' ? data.problem : { code: '', message: '' };
  return failed(state, assignment, problem);
};
