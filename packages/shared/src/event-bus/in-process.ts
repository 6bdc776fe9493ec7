import type { EventFilter, EventStore, SubscribeOptions } from '../event-store/index.ts';
import type { Position } from '../events/index.ts';
import { beginning } from '../events/index.ts';
import { backoffAfter, type Clock, type Logger, PartituraError, silentLogger } from '../runtime/index.ts';
import { CheckpointConflictError, type CheckpointStore } from './checkpoints.ts';
import { type Cursor, openCursor } from './cursor.ts';
import type { BusSubscription, EventBus, RunningSubscription } from './port.ts';

export interface InProcessEventBusOptions {
  readonly store: EventStore;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long a checkpoint may stay behind what was handled, in milliseconds. Default 50. */
  readonly checkpointIntervalMs?: number;
}

/** Between two tries of a batch whose handler failed, or of a store that cannot be read. */
const retry = { backoffMs: 10, maxBackoffMs: 5_000 };

/** What all consumers of a group in this process have in common. */
interface Group {
  /** Resolves when nobody consumes any more. The next one waits for it. */
  turn: Promise<void>;
  cursor: Cursor | null;
}

/**
 * The bus of one process: each group follows the store's own feed, so what is delivered is durable already and nothing is
 * written twice. Events come one batch at a time in the store's order; the next is read when the last is handled.
 *
 * Of several consumers of one group, one works and the others stand by: order is kept without a partition, and when the one
 * stops the next goes on from its checkpoint.
 *
 * Checkpoints are stored a moment later (`checkpointIntervalMs`, and at every stop), because a thousand small batches need not
 * be a thousand commits. After a crash the events of that moment come again; handlers are idempotent by position.
 */
export const inProcessEventBus = ({
  store,
  checkpoints,
  clock,
  logger = silentLogger,
  checkpointIntervalMs = 50,
}: InProcessEventBusOptions): EventBus => {
  const groups = new Map<string, Group>();
  const running = new Set<RunningSubscription>();
  let closed = false;

  const groupOf = (name: string): Group => {
    const known = groups.get(name);
    if (known) return known;
    const created: Group = { turn: Promise.resolve(), cursor: null };
    groups.set(name, created);
    return created;
  };

  /** Tries until it works or the signal aborts; true when it worked. */
  const persist = async (
    what: string,
    group: string,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<boolean> => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await work();
        return true;
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ group, failures, error }, what);
        await clock.sleep(backoffAfter(retry, failures), signal).catch(() => {});
      }
    }
    return false;
  };

  /** Reads and hands over until the signal aborts. Ends early when the checkpoint turns out to be somebody else's. */
  const follow = async (
    subscription: BusSubscription,
    cursor: Cursor,
    signal: AbortSignal,
  ): Promise<void> => {
    const { group, handle } = subscription;
    const pages = store.subscribe(pagesOf(subscription, cursor.position(), signal));
    for await (const { events, position } of pages) {
      const again = 'a batch was not handled and is handed over again';
      if (!(await persist(again, group, signal, () => handle(events)))) return;
      cursor.moveTo(position);
      if (signal.aborted) return;
    }
    if (!signal.aborted)
      throw new PartituraError('SUBSCRIPTION_ENDED', `The store ended the subscription of group ${group}.`);
  };

  /** One turn as the group's consumer. */
  const consume = async (subscription: BusSubscription, group: Group, signal: AbortSignal): Promise<void> => {
    const options = {
      checkpoints,
      clock,
      logger,
      group: subscription.group,
      intervalMs: checkpointIntervalMs,
    };
    await persist('the subscription was interrupted', subscription.group, signal, async () => {
      group.cursor = await openCursor(options);
      try {
        await follow(subscription, group.cursor, signal);
      } finally {
        await settle(subscription.group, group.cursor);
      }
    });
  };

  /** A checkpoint that cannot be stored costs events handled again, no more. */
  const settle = (group: string, cursor: Cursor): Promise<void> =>
    cursor.flush().catch((error: unknown) => {
      logger.warn({ group, error }, 'the last checkpoint could not be stored');
    });

  /** Fixes where a new group begins, before anybody relies on it: what is recorded from now on is delivered. */
  const settleStart = async ({ group, startFrom }: BusSubscription): Promise<void> => {
    if (startFrom === 'beginning' || (await checkpoints.load(group)) !== null) return;
    try {
      await checkpoints.advance(group, null, await store.head());
    } catch (error) {
      if (!(error instanceof CheckpointConflictError)) throw error;
      // Another consumer of the group fixed it in the same moment.
    }
  };

  const countAfter = async (position: Position, filter: EventFilter): Promise<number> => {
    if (position === (await store.head())) return 0;
    let count = 0;
    for await (const { events } of store.readAll({ after: position, filter })) count += events.length;
    return count;
  };

  const refuseWhenClosed = (group: string): void => {
    if (closed) throw new PartituraError('BUS_CLOSED', `Group ${group} cannot subscribe: the bus is closed.`);
  };

  const subscribe = async (subscription: BusSubscription): Promise<RunningSubscription> => {
    refuseWhenClosed(subscription.group);
    await settleStart(subscription);
    refuseWhenClosed(subscription.group);
    const group = groupOf(subscription.group);
    const stopping = new AbortController();
    let atWork = false;
    const turn = group.turn.then(async () => {
      atWork = true;
      await consume(subscription, group, stopping.signal);
    });
    group.turn = turn;
    const result: RunningSubscription = {
      lag: async () => {
        const position =
          group.cursor?.position() ?? (await checkpoints.load(subscription.group)) ?? beginning;
        return countAfter(position, subscription.filter ?? {});
      },
      stop: async () => {
        stopping.abort();
        running.delete(result);
        // One that stands by has nothing in hand; its turn, when it comes, is over at once.
        if (atWork) await turn;
      },
    };
    running.add(result);
    return result;
  };

  return {
    subscribe,
    // It has no more than the store, which answers for itself.
    ping: async () => undefined,
    close: async () => {
      closed = true;
      await Promise.all([...running].map((subscription) => subscription.stop()));
    },
  };
};

const pagesOf = (
  { filter, batchSize }: BusSubscription,
  after: Position,
  signal: AbortSignal,
): SubscribeOptions => ({
  after,
  signal,
  ...(filter === undefined ? {} : { filter }),
  ...(batchSize === undefined ? {} : { batchSize }),
});
