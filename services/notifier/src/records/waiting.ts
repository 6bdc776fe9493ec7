import { beginning, type Position } from '@partitura/shared/events';
import { type Clock, PartituraError } from '@partitura/shared/runtime';

/** Readers that wait for their own write to be in the documents. */
export interface Waiting {
  /** @throws {PartituraError} `READ_MODEL_BEHIND` when the time is over, or nobody reads on */
  until(position: Position, timeoutMs: number): Promise<void>;
  reached(position: Position): void;
  /** Also backwards: the documents were wiped. */
  moveTo(position: Position): void;
  stop(): void;
}

export const waiting = (clock: Clock): Waiting => {
  const readers = new Set<{ readonly position: Position; readonly wake: () => void }>();
  const stopped = new AbortController();
  let current: Position = beginning;

  const moveTo = (position: Position): void => {
    current = position;
    for (const reader of readers) if (reader.position <= position) reader.wake();
  };

  return {
    until: async (position, timeoutMs) => {
      if (current >= position) return;
      const over = new AbortController();
      const { promise: arrived, resolve } = Promise.withResolvers<boolean>();
      const reader = { position, wake: () => resolve(true) };
      readers.add(reader);
      const late = clock.sleep(timeoutMs, AbortSignal.any([over.signal, stopped.signal])).then(
        () => false,
        () => false,
      );
      try {
        if (await Promise.race([arrived, late])) return;
      } finally {
        over.abort();
        readers.delete(reader);
      }
      throw new PartituraError('READ_MODEL_BEHIND', `Webhooks have not come to position ${position} yet.`, {
        advice: 'Ask again in a moment, or without `after`.',
      });
    },
    reached: moveTo,
    moveTo,
    stop: () => stopped.abort(),
  };
};
