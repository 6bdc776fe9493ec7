import type { AgentEvent } from '@partitura/shared/events';
import type { Replayed } from '@partitura/shared/replaying';
import type { Assignment } from '../agents/assignment.ts';
import { conclude } from '../agents/conclude.ts';
import type { AgentState } from '../agents/state.ts';
import { allowanceOf, type RunView } from '../runs/run-view.ts';
import { type Ahead, decided } from './recorded-ahead.ts';

type Spawned = Extract<AgentEvent, { type: 'agent.spawned' }>['data'];

/** A runner takes the attempt for itself. */
export const claimed = (assignment: Assignment, [now, then]: Ahead, view: RunView): readonly Replayed[] =>
  now.type === 'agent.spawned' ? decided([spawned(assignment, view, now.data, then)]) : [];

/** A runner goes on with what it had before. */
export const takenUp = (state: AgentState, assignment: Assignment, [now]: Ahead): readonly Replayed[] =>
  now.type === 'agent.resumed'
    ? decided(conclude(state, assignment, { kind: 'taken_up', runner: now.data.runner }))
    : [];

/** Who took the attempt up from whoever had it; null when that is not what was recorded. */
export const takerIn = (now: AgentEvent, then: AgentEvent | undefined, inherited: boolean): string | null => {
  if (inherited) return now.type === 'agent.resumed' ? now.data.runner : null;
  if (now.type !== 'agent.crashed') return null;
  return then?.type === 'agent.resumed' ? then.data.runner : 'unknown';
};

/** The claim of a runner that then could not begin names no branch, and what was set aside at first. */
const spawned = (
  { taskId, attempt, agentType, model, branch, attemptId }: Assignment,
  view: RunView,
  { runner, branch: named }: Spawned,
  then: AgentEvent | undefined,
): AgentEvent => {
  const failedAtOnce = named === null && then?.type === 'agent.finished';
  const allowance = failedAtOnce
    ? (view.attempts.get(attemptId)?.reservation ?? null)
    : allowanceOf(view, attemptId);
  return {
    type: 'agent.spawned',
    data: { taskId, attempt, agentType, model, runner, allowance, branch: failedAtOnce ? null : branch },
  };
};
