import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import { type Ring, type RingOptions, ringOf } from './ring.ts';

/** What all who follow the log have in common, for as long as one of them does. */
export interface LogHead {
  readonly ring: Ring;
  /** @throws what the subscription broke off with */
  check(): void;
}

export interface LogHeads {
  /** `wake` is called whenever there is more, or an end to it. */
  join(wake: () => void): Promise<{ readonly head: LogHead; readonly leave: () => void }>;
}

export interface LogHeadOptions extends Omit<RingOptions, 'start'> {
  readonly store: EventStore;
}

interface Running extends LogHead {
  readonly followers: Set<() => void>;
  readonly stop: AbortController;
}

/** One subscription at a time: the first one who joins begins it, and the last one who leaves ends it. */
export const logHeads = ({ store, ...limits }: LogHeadOptions): LogHeads => {
  let current: Promise<Running> | null = null;

  const running = (): Promise<Running> => {
    current ??= begin(store, limits);
    return current;
  };

  const forget = (begun: Promise<Running>): void => {
    if (current === begun) current = null;
  };

  const join: LogHeads['join'] = async (wake) => {
    const begun = running();
    const head = await begun.catch((error: unknown) => {
      forget(begun);
      throw error;
    });
    if (head.stop.signal.aborted) {
      forget(begun);
      return join(wake);
    }
    head.followers.add(wake);
    const leave = (): void => {
      head.followers.delete(wake);
      if (head.followers.size > 0) return;
      head.stop.abort();
      forget(begun);
    };
    return { head, leave };
  };

  return { join };
};

const begin = async (store: EventStore, limits: Omit<RingOptions, 'start'>): Promise<Running> => {
  const start = await store.head();
  const ring = ringOf({ ...limits, start });
  const followers = new Set<() => void>();
  const stop = new AbortController();
  let failure: { readonly error: unknown } | null = null;
  void keepReading(store, start, ring, followers, stop.signal).catch((error: unknown) => {
    failure = { error };
    // Whoever comes now begins anew; who is here takes what there is, and hears of it then.
    stop.abort();
    for (const wake of followers) wake();
  });
  const check = (): void => {
    if (failure) throw failure.error;
  };
  return { ring, check, followers, stop };
};

const keepReading = async (
  store: EventStore,
  start: Position,
  ring: Ring,
  followers: ReadonlySet<() => void>,
  signal: AbortSignal,
): Promise<void> => {
  for await (const { events } of store.subscribe({ after: start, signal })) {
    ring.enter(events);
    for (const wake of followers) wake();
  }
  if (!signal.aborted) throw new Error('The subscription to the log ended.');
};
