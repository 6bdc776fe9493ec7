import type { EventFilter, EventStore } from '@partitura/shared/event-store';
import { beginning, type RecordedEvent } from '@partitura/shared/events';
import {
  type Backoff,
  backoffAfter,
  type Clock,
  type Component,
  type HealthCheck,
  type Logger,
} from '@partitura/shared/runtime';

export interface FollowingDependencies {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface FollowingOptions {
  readonly name: string;
  readonly filter: EventFilter;
  /** The same events may come again after a failure. Null when there is nothing to wait for. */
  readonly take: (event: RecordedEvent) => Promise<void> | null;
}

export interface Following extends Component {
  /** Wrong while events are not followed. */
  readonly health: HealthCheck;
}

const backoff: Backoff = { backoffMs: 100, maxBackoffMs: 10_000 };
/** A subscription that stood this long counts as one, also in a log in which nothing happens. */
const settledMs = 15_000;

/**
 * What is recorded from the start on, as it comes. Whatever it fails of, it goes on behind the last page that was taken: an
 * agent whose run is not followed would hear of no pause, no cancellation and no budget again.
 */
export const following = (dependencies: FollowingDependencies, options: FollowingOptions): Following => {
  const { store, clock, logger } = dependencies;
  const { name, filter, take } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let trouble: { readonly since: number; readonly error: unknown } | null = null;
  let failures = 0;
  let reached = beginning;
  let running: Promise<void> = Promise.resolve();

  const works = (): void => {
    if (trouble !== null) logger.info({ following: name }, 'events are followed again');
    trouble = null;
    failures = 0;
  };

  const takeAll = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events) {
      const taking = take(event);
      if (taking !== null) await taking;
    }
  };

  const follow = async (): Promise<void> => {
    for await (const { events, position } of store.subscribe({ after: reached, filter, signal })) {
      await takeAll(events);
      reached = position;
      if (trouble !== null) works();
    }
    if (!signal.aborted) throw new Error('The subscription ended by itself.');
  };

  const failed = async (error: unknown): Promise<void> => {
    if (signal.aborted) return;
    failures += 1;
    trouble ??= { since: clock.now(), error };
    logger.warn({ following: name, error, failures }, 'events are not followed; it is tried again');
    await clock.sleep(backoffAfter(backoff, failures), signal).catch(() => undefined);
  };

  const untilItBreaks = async (): Promise<void> => {
    const broken = new AbortController();
    if (trouble !== null) clock.sleep(settledMs, broken.signal).then(works, () => undefined);
    await follow().finally(() => broken.abort(null));
  };

  const untilStopped = async (): Promise<void> => {
    while (!signal.aborted) await untilItBreaks().catch(failed);
  };

  return {
    name,
    start: async () => {
      reached = await store.head();
      running = untilStopped();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    health: {
      name,
      check: async () =>
        trouble === null
          ? null
          : `has followed nothing since ${new Date(trouble.since).toISOString()}: ${messageOf(trouble.error)}`,
    },
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
