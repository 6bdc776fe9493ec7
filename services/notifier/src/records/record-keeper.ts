import { importedHistory } from '@partitura/shared/bundles';
import type { EventPage, EventStore } from '@partitura/shared/event-store';
import { beginning, type Position } from '@partitura/shared/events';
import { isCheckpointMoved, type ReadModels } from '@partitura/shared/read-models';
import {
  type Backoff,
  backoffAfter,
  type Clock,
  type Component,
  type HealthCheck,
  type Logger,
} from '@partitura/shared/runtime';
import { changesOf, loadWebhooks } from './changes.ts';
import { recordsName } from './documents.ts';
import type { Webhooks } from './steps.ts';
import { waiting } from './waiting.ts';

export interface RecordKeeperOptions {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How soon it is noticed that the documents are not where they were left: another instance wrote, or somebody wiped them. */
  readonly lookEveryMs: number;
}

/** What is due, and what became of it, kept at the log. */
export interface RecordKeeper extends Component {
  readonly health: HealthCheck;
  /** As far as this instance has come. */
  webhooks(): Webhooks;
  /** Whether all was read that was there at the start: before, what seems to be due may have been sent long ago. */
  isCaughtUp(): boolean;
  /** Called with lanes that have become due, after that was written. One at a time. */
  onDue(listener: (lanes: readonly string[]) => Promise<void>): void;
  /** @throws {PartituraError} `READ_MODEL_BEHIND` */
  waitFor(position: Position, timeoutMs: number): Promise<void>;
}

const backoff: Backoff = { backoffMs: 200, maxBackoffMs: 15_000 };
/** What an instance that lost a race gives the winner from then on: two that do all the work twice are slower than one. */
const headStartMs = 2_000;
/** Events that concern nobody are passed before it is stored that they were. */
const unstoredEvents = 2_000;

/**
 * Follows the log itself, not the bus: what is due follows from events and from what is recorded of them, in the one order that only
 * the log has, and the checkpoint that counts is the one stored with the documents. Whoever wipes them gets them again, as they were.
 * Any number of instances may do so; who writes first has won, and the others go on from there.
 */
export const recordKeeper = (options: RecordKeeperOptions): RecordKeeper => {
  const { store, readModels, clock, logger, lookEveryMs } = options;
  const stopping = new AbortController();
  // Nobody is told of what happened elsewhere and long ago.
  const history = importedHistory(store);
  const readers = waiting(clock);
  let webhooks: Webhooks = new Map();
  let tell: (lanes: readonly string[]) => Promise<void> = async () => undefined;
  let stored: Position = beginning;
  let passed = 0;
  let isWriting = false;
  let hasLost = false;
  let caughtUp = false;
  let trouble: { readonly since: number; readonly error: unknown } | null = null;
  let following: Promise<void> = Promise.resolve();

  const checkpoint = (): Promise<Position> => readModels.checkpoint(recordsName);

  /** False when another instance has written since. */
  const write = async (writes: Parameters<ReadModels['write']>[1], to: Position): Promise<boolean> => {
    isWriting = true;
    try {
      if (hasLost && writes.length > 0)
        await clock.sleep(headStartMs, stopping.signal).catch(() => undefined);
      await readModels.write(recordsName, writes, { from: stored, to });
      stored = to;
      passed = 0;
      hasLost = false;
      return true;
    } catch (error) {
      if (!isCheckpointMoved(error)) throw error;
      hasLost = true;
      return false;
    } finally {
      isWriting = false;
    }
  };

  /** False when it has to begin again from where the documents are. */
  const take = async ({ events, position }: EventPage): Promise<boolean> => {
    const changes = await changesOf(readModels, await history.withoutImported(events), webhooks);
    passed += events.length;
    const isToStore = changes.writes.length > 0 || passed >= unstoredEvents;
    if (isToStore && !(await write(changes.writes, position))) return false;
    webhooks = changes.webhooks;
    trouble = null;
    readers.reached(position);
    if (changes.lanes.length > 0) await tell(changes.lanes);
    return true;
  };

  /** Ends the subscription when the documents are found elsewhere. */
  const watch = async (subscription: AbortController): Promise<void> => {
    while (!subscription.signal.aborted) {
      await clock.sleep(lookEveryMs, subscription.signal).catch(() => undefined);
      const before = stored;
      if (subscription.signal.aborted || isWriting || (await checkpoint()) === before) continue;
      if (stored === before && !isWriting) subscription.abort();
    }
  };

  /** Returns when the documents are not where they were left. */
  const followOnce = async (): Promise<void> => {
    const subscription = new AbortController();
    const signal = AbortSignal.any([subscription.signal, stopping.signal]);
    caughtUp = false;
    stored = await checkpoint();
    passed = 0;
    webhooks = await loadWebhooks(readModels);
    const head = await store.head();
    caughtUp = stored >= head;
    readers.moveTo(stored);
    watch(subscription).catch((error: unknown) => subscription.abort(error));
    try {
      for await (const page of store.subscribe({ after: stored, batchSize: 512, signal })) {
        if (!(await take(page))) return;
        caughtUp ||= page.position >= head;
        if (signal.aborted) return;
      }
      if (!signal.aborted) throw new Error('The subscription to the log has ended by itself.');
    } finally {
      subscription.abort();
    }
  };

  const follow = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        await followOnce();
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        trouble ??= { since: clock.now(), error };
        logger.warn({ error, failures }, 'webhooks cannot be brought up to the log');
        await clock.sleep(backoffAfter(backoff, failures), stopping.signal).catch(() => undefined);
      }
    }
  };

  return {
    name: 'notifier.records',
    start: async () => {
      following = follow();
    },
    stop: async () => {
      stopping.abort();
      readers.stop();
      await following;
    },
    health: {
      name: 'notifier.records',
      check: async () =>
        trouble === null
          ? null
          : `has read nothing since ${new Date(trouble.since).toISOString()}: ${Error.isError(trouble.error) ? trouble.error.message : String(trouble.error)}`,
    },
    webhooks: () => webhooks,
    isCaughtUp: () => caughtUp,
    onDue: (listener) => {
      tell = listener;
    },
    waitFor: readers.until,
  };
};
