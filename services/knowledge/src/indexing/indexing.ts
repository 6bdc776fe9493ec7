import type { EventPage, EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import { isTransient } from '@partitura/shared/processing';
import {
  type Backoff,
  backoffAfter,
  type Clock,
  type Component,
  type HealthCheck,
  type Logger,
  PartituraError,
} from '@partitura/shared/runtime';
import { type Applying, applying } from './applying.ts';
import { progress } from './progress.ts';

export interface IndexingDependencies {
  readonly store: EventStore;
  readonly index: KnowledgeIndex;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Indexing extends Component {
  /** Resolves when the index has come to `position`. @throws {PartituraError} `READ_MODEL_BEHIND` when it has not by then */
  readonly waitFor: (position: Position, timeoutMs: number) => Promise<void>;
  /** Wrong while the index cannot be brought up to the log. */
  readonly health: HealthCheck;
}

const backoff: Backoff = { backoffMs: 1_000, maxBackoffMs: 15_000 };

/** How soon it is noticed that the index is not where it was left: another instance wrote, or somebody wiped it. */
const watchMs = 2_000;

/** What an instance that lost a race gives the winner from then on, so that not both pay for the same embeddings each time. */
const headStartMs = 2_000;

/** Where this instance believes the index to be. */
interface Place {
  at: Position;
  isApplying: boolean;
}

/**
 * Keeps the index up to the log, its checkpoint written with what it says. Any number of instances may do so on one index: of those
 * with the same page one moves the checkpoint, and the others go on from there.
 */
export const indexing = ({ store, index, embedder, clock, logger }: IndexingDependencies): Indexing => {
  const stopping = new AbortController();
  const reached = progress({ store, index, clock });
  const apply: Applying = applying({ store, index, embedder, signal: stopping.signal });
  let following: Promise<void> | null = null;
  let hasLost = false;
  let trouble: { readonly since: number; readonly error: unknown } | null = null;

  /** Ends the subscription when the index is found elsewhere. */
  const watch = async (place: Place, subscription: AbortController): Promise<void> => {
    while (!subscription.signal.aborted) {
      await clock.sleep(watchMs, subscription.signal).catch(() => undefined);
      const { at } = place;
      if (subscription.signal.aborted || place.isApplying || (await index.checkpoint()) === at) continue;
      if (place.at === at && !place.isApplying) subscription.abort();
    }
  };

  /** Whether the page is still to be applied. */
  const isOurs = async (place: Place, subscription: AbortController): Promise<boolean> => {
    if (!hasLost) return true;
    await clock.sleep(headStartMs, subscription.signal).catch(() => undefined);
    return !subscription.signal.aborted && (await index.checkpoint()) === place.at;
  };

  const applyAt = async (place: Place, page: EventPage): Promise<void> => {
    place.isApplying = true;
    try {
      await apply(page, place.at);
      place.at = page.position;
      hasLost = false;
      isWell();
      reached.moveTo(page.position);
    } finally {
      place.isApplying = false;
    }
  };

  /** Returns when the index is not where it was left. */
  const followFrom = async (from: Position): Promise<void> => {
    reached.moveTo(from);
    const place: Place = { at: from, isApplying: false };
    const subscription = new AbortController();
    const end = (): void => subscription.abort();
    stopping.signal.addEventListener('abort', end, { once: true });
    const watching = watch(place, subscription);
    // What goes wrong with it is thrown below.
    watching.catch(end);
    try {
      const filter = { categories: ['knowledge'] } as const;
      for await (const page of store.subscribe({ after: from, filter, signal: subscription.signal })) {
        if (!(await isOurs(place, subscription))) return;
        await applyAt(place, page);
      }
      if (!subscription.signal.aborted) throw new Error('The subscription to the log has ended by itself.');
    } finally {
      stopping.signal.removeEventListener('abort', end);
      end();
      await watching;
    }
  };

  const isWell = (): void => {
    if (trouble !== null) logger.info({}, 'The knowledge index is brought up to the log again.');
    trouble = null;
  };

  const afterFailure = async (error: unknown, failures: number): Promise<void> => {
    trouble ??= { since: clock.now(), error };
    const level = isTransient(error) ? 'warn' : 'error';
    logger[level]({ error }, 'The knowledge index could not be brought up to the log; it is tried again.');
    await clock.sleep(backoffAfter(backoff, failures), stopping.signal).catch(() => undefined);
  };

  /** Resolves to what it failed with; to null when the index is to be followed from elsewhere. */
  const followOnce = async (): Promise<{ readonly error: unknown } | null> => {
    try {
      await followFrom(await index.checkpoint());
      isWell();
      return null;
    } catch (error) {
      if (!isMoved(error)) return { error };
      logger.debug({}, 'Another instance was faster.');
      hasLost = true;
      return null;
    }
  };

  const follow = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const before = reached.now();
      const failure = await followOnce();
      if (stopping.signal.aborted) return;
      failures = reached.now() === before ? failures : 0;
      if (failure === null) continue;
      failures += 1;
      await afterFailure(failure.error, failures);
    }
  };

  return {
    name: 'indexing',
    waitFor: reached.waitFor,
    health: {
      name: 'knowledge.indexing',
      check: async () =>
        trouble === null
          ? null
          : `has indexed nothing since ${new Date(trouble.since).toISOString()}: ${messageOf(trouble.error)}`,
    },
    start: async () => {
      following = follow();
    },
    // An index that is away, or busy, takes up to a minute to answer. What it does not hear of is in the log.
    stop: async (graceMs) => {
      stopping.abort();
      const enough = new AbortController();
      await Promise.race([following, clock.sleep(graceMs, enough.signal).catch(() => undefined)]);
      enough.abort();
    },
  };
};

const isMoved = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'CHECKPOINT_MOVED';

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
