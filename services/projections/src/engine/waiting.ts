import type { Position } from '@partitura/shared/events';
import { type Clock, PartituraError } from '@partitura/shared/runtime';

/** Readers that wait for their own write to be in the read models. */
export interface Waiting {
  /** @throws {PartituraError} `READ_MODEL_BEHIND` when the time is over, or the projections stop */
  until(position: Position, timeoutMs: number): Promise<void>;
  reached(position: Position): void;
  stop(): void;
}

interface Reader {
  readonly position: Position;
  readonly wake: () => void;
}

export const waitingReaders = (clock: Clock, current: () => Position): Waiting => {
  const readers = new Set<Reader>();
  const stopped = new AbortController();

  const behind = (position: Position): PartituraError =>
    new PartituraError(
      'READ_MODEL_BEHIND',
      `The read models are at "${current()}" and not yet at "${position}".`,
      { advice: 'Ask again in a moment, or without `after`.' },
    );

  return {
    until: async (position, timeoutMs) => {
      if (current() >= position) return;
      const done = new AbortController();
      const arrived = new Promise<true>((resolve) => {
        const reader = { position, wake: () => resolve(true) };
        readers.add(reader);
        done.signal.addEventListener('abort', () => readers.delete(reader), { once: true });
      });
      const late = clock
        .sleep(timeoutMs, AbortSignal.any([done.signal, stopped.signal]))
        .then(() => false)
        .catch(() => false);
      const inTime = await Promise.race([arrived, late]);
      done.abort();
      if (!inTime) throw behind(position);
    },
    reached: (position) => {
      for (const reader of readers) if (reader.position <= position) reader.wake();
    },
    stop: () => stopped.abort(),
  };
};
