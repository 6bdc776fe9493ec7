import type { EventStore } from '../../event-store/index.ts';
import { categories, type EventRegistry, eventRegistry } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import { silentLogger } from '../../runtime/logging.ts';
import type { BusSubscription, EventBus, RunningSubscription } from '../port.ts';
import { connectKafka, type KafkaOptions } from './connection.ts';
import { groupConsumer } from './group-consumer.ts';
import { defaultTimes, type GroupTimes } from './group-options.ts';
import { ensureCategoryTopics, groupId, topicOf } from './topics.ts';

export interface KafkaEventBusOptions extends KafkaOptions {
  /** Where "now" is, for groups that begin there. */
  readonly store: Pick<EventStore, 'head'>;
  /** Default: the contracts of Partitura. */
  readonly registry?: EventRegistry;
  /** Default: sessions of 10 s, a rebalance waits 10 s for the batches at work. */
  readonly times?: Partial<GroupTimes>;
}

/**
 * The bus on Kafka: what a relay has handed on. Topics are made if they are not there.
 * @throws {BusError} `BUS_URL_INVALID`, `BUS_UNREACHABLE`, `BUS_VERSION_UNSUPPORTED`, `BUS_CREDENTIALS_REFUSED`, `BUS_TLS_FAILED`,
 * `BUS_RIGHTS_MISSING`, `BUS_TOPIC_UNSUITABLE`
 */
export const connectEventBus = async (options: KafkaEventBusOptions): Promise<EventBus> => {
  const { clock, store, logger = silentLogger, registry = eventRegistry, startTimeoutMs } = options;
  const connection = await connectKafka(options);
  const { address } = connection;
  try {
    await ensureCategoryTopics(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const start = startTimeoutMs === undefined ? {} : { startMs: startTimeoutMs };
  const times = { ...defaultTimes, ...start, ...options.times };
  const running = new Set<RunningSubscription>();
  const starting = new Set<Promise<unknown>>();
  let closed = false;

  const begin = async (subscription: BusSubscription): Promise<RunningSubscription> => {
    const consumer = await groupConsumer({
      connection,
      subscription,
      groupId: groupId(address, subscription.group),
      topics: (subscription.filter?.categories ?? categories).map((category) => topicOf(address, category)),
      ...{ store, registry, clock, logger, times },
    });
    const subscribed: RunningSubscription = {
      lag: consumer.lag,
      stop: async () => {
        running.delete(subscribed);
        await consumer.stop();
      },
    };
    running.add(subscribed);
    return subscribed;
  };

  return {
    subscribe: async (subscription) => {
      if (closed)
        throw new PartituraError(
          'BUS_CLOSED',
          `Group ${subscription.group} cannot subscribe: the bus is closed.`,
        );
      const begun = begin(subscription);
      starting.add(begun);
      try {
        return await begun;
      } finally {
        starting.delete(begun);
      }
    },
    ping: connection.ping,
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.allSettled(starting);
      await Promise.all([...running].map((subscription) => subscription.stop()));
      await connection.close();
    },
  };
};
