import type { EventStore } from '@partitura/shared/event-store';
import type { Position, RecordedEvent } from '@partitura/shared/events';
import { type Following, isFollowed, storeFilterOf } from './following.ts';
import { logHeads } from './log-head.ts';
import type { Ring, RingOptions } from './ring.ts';

export interface Follow {
  /** Exclusive. */
  readonly after: Position;
  readonly following: Following;
  readonly signal: AbortSignal;
}

/** The log as many follow it. */
export interface Feed {
  /**
   * What was recorded after a position, each once and in order: what there is, then what comes. Pulls; who is slow reads from the
   * store what the others have had. Ends when the signal aborts, and throws what the store throws.
   */
  follow(options: Follow): AsyncGenerator<readonly RecordedEvent[]>;
}

export interface FeedOptions extends Pick<RingOptions, 'bytesOf'> {
  readonly store: EventStore;
  /** About how many of the last events are kept. Default 512. */
  readonly mostEvents?: number;
  /** Of the events that are kept. Default 4 MiB. */
  readonly mostBytes?: number;
}

/**
 * One subscription to the store, at its end, for everybody. Who begins further back reads pages of the store until the last events,
 * which are kept, have what follows. Five hundred subscriptions that each looked at each event took half of the processor.
 */
export const sharedFeed = (options: FeedOptions): Feed => {
  const { store, bytesOf, mostEvents = 512, mostBytes = 4 * 1024 * 1024 } = options;
  const heads = logHeads({ store, bytesOf, mostEvents, mostBytes });

  async function* follow({ after, following, signal }: Follow): AsyncGenerator<readonly RecordedEvent[]> {
    const { wake, woken } = sleeper();
    const { head, leave } = await heads.join(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      let reached = after;
      while (!signal.aborted) {
        if (reached < head.ring.floor()) reached = yield* readUpTo(store, head.ring, reached, following);
        const fresh = head.ring.after(reached);
        const last = fresh.at(-1);
        if (last) {
          reached = last.position;
          yield* pageOf(fresh, following);
        } else {
          head.check();
          await woken();
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      leave();
    }
  }

  return { follow };
};

/** From the store, until what follows is in the ring, which goes on meanwhile. @returns where that is */
async function* readUpTo(
  store: EventStore,
  ring: Ring,
  after: Position,
  following: Following,
): AsyncGenerator<readonly RecordedEvent[], Position> {
  let reached = after;
  while (reached < ring.floor()) {
    const floor = ring.floor();
    for await (const { events, position } of store.readAll({
      after: reached,
      filter: storeFilterOf(following),
    })) {
      yield events;
      reached = position;
      if (reached >= ring.floor()) return reached;
    }
    // What was durable before the reading began has been read, also where nothing of it is followed.
    if (reached < floor) reached = floor;
  }
  return reached;
}

/** None where nobody asked for any of them. */
function* pageOf(
  events: readonly RecordedEvent[],
  following: Following,
): Generator<readonly RecordedEvent[]> {
  const wanted = events.filter((event) => isFollowed(following, event));
  if (wanted.length > 0) yield wanted;
}

/** For one who sleeps. Who is woken while awake does not sleep next time. */
const sleeper = () => {
  let rung = false;
  let rise: (() => void) | null = null;
  return {
    wake: (): void => {
      rung = true;
      rise?.();
    },
    woken: async (): Promise<void> => {
      if (!rung)
        await new Promise<void>((resolve) => {
          rise = resolve;
        });
      rung = false;
      rise = null;
    },
  };
};
