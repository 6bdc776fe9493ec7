import type { Clock } from '@partitura/shared/runtime';
import { type Following, type FollowingDependencies, following } from '../runs/following.ts';

/** Waiting for the end of a merge that another branch of the run is at, here or on another machine. */
export interface Turns extends Following {
  /** Something of the run's merges changed. */
  changed(runId: string): void;
  /** Listens from the call on, so that nothing is missed between it and the waiting. Call it, try, then wait. */
  next(runId: string): Turn;
}

export interface Turn {
  /** @throws the signal's reason */
  wait(signal: AbortSignal): Promise<void>;
  leave(): void;
}

/** Looked at all the same after this long: what is said of a run that is over is no end of a merge. */
const atLeastEveryMs = 5_000;

export const turns = (dependencies: FollowingDependencies): Turns => {
  const { clock } = dependencies;
  const listeners = new Map<string, Set<() => void>>();

  const changed = (runId: string): void => {
    const told = listeners.get(runId);
    listeners.delete(runId);
    for (const listener of told ?? []) listener();
  };

  return {
    ...following(dependencies, {
      name: 'agent-runner.merge-turns',
      filter: {
        categories: ['merge'],
        types: ['merge.completed', 'merge.conflicted', 'merge.rejected', 'merge.interrupted'],
      },
      take: ({ stream }) => {
        changed(stream.slice('merge-'.length));
        return null;
      },
    }),
    changed,
    next: (runId) => {
      const told = Promise.withResolvers<void>();
      const mine = listeners.get(runId) ?? new Set();
      listeners.set(runId, mine.add(told.resolve));
      return {
        wait: (signal) => waitFor(told.promise, clock, signal),
        leave: () => {
          mine.delete(told.resolve);
          if (mine.size === 0 && listeners.get(runId) === mine) listeners.delete(runId);
        },
      };
    },
  };
};

const waitFor = async (told: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> => {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const asleep = clock.sleep(atLeastEveryMs, either).catch(() => undefined);
  await Promise.race([told, asleep]);
  enough.abort(null);
  signal.throwIfAborted();
};
