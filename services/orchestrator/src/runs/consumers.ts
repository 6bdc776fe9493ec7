import { attemptIdOf } from '@partitura/shared/events';
import { dependantsOf } from './attempts.ts';
import { mayEnter } from './routing.ts';
import type { Run } from './state.ts';
import type { Task } from './task.ts';

/** It was done, or somebody is at it: with what it built upon, it falls. */
export const hasBegun = ({ status }: Task): boolean =>
  status.kind === 'completed' || status.kind === 'active' || status.kind === 'in_review';

/** What brings another's work through a conflict falls with that work, and never by itself. */
export const isOwnWork = ({ resolves }: Task): boolean => resolves === null;

/**
 * Tasks that phases gave to an agent of their own (a review) and that looked at what these tasks made. Of each phase the last: what
 * was found before was done something about. None of a phase that the run comes to again by itself.
 */
const lookersAt = (run: Run, tasks: readonly Task[]): readonly Task[] => {
  const first = Math.min(...tasks.map(({ index }) => index));
  const { phases } = run.configuration.workflow;
  const now = phases.findIndex(({ id }) => id === run.phase?.id);
  return phases.flatMap((phase, at) => {
    if (phase.act.kind !== 'agent' || (at > now && mayEnter(run, phase))) return [];
    const last = [...run.tasks.values()].findLast((task) => task.phase === phase.id && isOwnWork(task));
    return last && last.index > first && hasBegun(last) ? [last] : [];
  });
};

/**
 * What these tasks' results went into: the tasks that depended on them, those behind them, and whoever looked at the whole. In the
 * order in which they were added. What nobody has begun consumed nothing, and only waits.
 */
export const consumersOf = (run: Run, tasks: readonly Task[]): readonly Task[] => {
  const named = new Set(tasks.map(({ id }) => id));
  const behind = dependantsOf(run, tasks).filter(hasBegun).filter(isOwnWork);
  const looking = lookersAt(run, tasks);
  const all = new Set([
    ...behind,
    ...looking,
    ...dependantsOf(run, looking).filter(hasBegun).filter(isOwnWork),
  ]);
  return [...all].filter(({ id }) => !named.has(id)).toSorted((left, right) => left.index - right.index);
};

/** Whose result it is, or who is at it. */
export const lastAttemptOf = (task: Task): string => attemptIdOf(task.id, task.attempts);
