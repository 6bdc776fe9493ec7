import type { EventStore } from '../../event-store/index.ts';
import type { EventRegistry } from '../../events/index.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { BusSubscription } from '../port.ts';
import type { KafkaConnection } from './connection.ts';

/** In milliseconds. */
export interface GroupTimes {
  /** After so long without a sign of life a member's lanes go to others. The brokers' `group.min.session.timeout.ms` is the least. */
  readonly sessionMs: number;
  /** How long a rebalance waits for the batches at work. A batch that takes longer may be handled twice at the same time. */
  readonly handoverMs: number;
  /** How long a subscription tries to join its group before it is refused. */
  readonly startMs: number;
  /** How long a stop waits for Kafka, not for handlers. */
  readonly stopMs: number;
}

export const defaultTimes: GroupTimes = {
  sessionMs: 10_000,
  handoverMs: 10_000,
  startMs: 60_000,
  stopMs: 5_000,
};

export interface GroupOptions {
  readonly connection: KafkaConnection;
  readonly subscription: BusSubscription;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Says where the log ends: "now" is a position in the log, not one in Kafka, which may be behind. */
  readonly store: Pick<EventStore, 'head'>;
  readonly registry: EventRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly times: GroupTimes;
}
