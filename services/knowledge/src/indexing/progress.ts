import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Clock, PartituraError } from '@partitura/shared/runtime';

export interface Progress {
  /** Where the index was last seen; null before it was. */
  readonly now: () => Position | null;
  readonly moveTo: (position: Position) => void;
  /** Resolves when the index has come to `position`. @throws {PartituraError} `READ_MODEL_BEHIND` when it has not by then */
  readonly waitFor: (position: Position, timeoutMs: number) => Promise<void>;
}

/** Another instance may be the one that writes: nobody tells us when it has. */
const lookAgainMs = 100;

/** How far the index has come, for whoever wants to read what was written. */
export const progress = ({
  store,
  index,
  clock,
}: {
  readonly store: EventStore;
  readonly index: KnowledgeIndex;
  readonly clock: Clock;
}): Progress => {
  let reached: Position | null = null;
  const waiting = new Set<() => void>();

  const hasReached = async (position: Position): Promise<boolean> => {
    if (reached !== null && reached >= position) return true;
    const actual = await index.checkpoint();
    if (actual >= position) return true;
    // What follows the last event of knowledge does not concern it.
    const filter = { categories: ['knowledge'] } as const;
    for await (const { events } of store.readAll({ after: actual, filter, limit: 1 })) {
      return events.every((event) => event.position > position);
    }
    return true;
  };

  const waitFor = async (position: Position, timeoutMs: number): Promise<void> => {
    const deadline = clock.now() + timeoutMs;
    for (;;) {
      const moved = new AbortController();
      const wake = (): void => moved.abort();
      // Before looking: the index may come to the position while the log is asked.
      waiting.add(wake);
      try {
        if (await hasReached(position)) return;
        const left = deadline - clock.now();
        if (left <= 0) throw behind(position);
        await clock.sleep(Math.min(left, lookAgainMs), moved.signal).catch(() => undefined);
      } finally {
        waiting.delete(wake);
      }
    }
  };

  return {
    now: () => reached,
    moveTo: (position) => {
      reached = position;
      for (const wake of waiting) wake();
    },
    waitFor,
  };
};

const behind = (position: Position): PartituraError =>
  new PartituraError('READ_MODEL_BEHIND', `Knowledge has not come to position ${position} yet.`, {
    advice: 'Ask again in a moment.',
  });
