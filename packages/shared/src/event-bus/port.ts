import type { EventFilter } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';

export interface BusSubscription {
  /**
   * Consumers of one group share the work and the checkpoint, or one works while the others stand by; each group sees every
   * event.
   */
  readonly group: string;
  readonly filter?: Pick<EventFilter, 'categories' | 'types'>;
  readonly batchSize?: number;
  /** Where a group without a checkpoint begins. */
  readonly startFrom: 'beginning' | 'now';
  /**
   * Events in order per run or project. The checkpoint moves on only after the promise resolved, so an event may come again
   * (after a crash, or a rejection): handlers are idempotent by position.
   */
  readonly handle: (events: readonly RecordedEvent[]) => Promise<void>;
}

export interface RunningSubscription {
  /** Events of the filter that are recorded and not handled yet. */
  lag(): Promise<number>;
  /** Resolves when the batch at work is done and checkpointed. */
  stop(): Promise<void>;
}

/** Hands the log's events to any number of groups, at least once, in order where it matters. */
export interface EventBus {
  subscribe(subscription: BusSubscription): Promise<RunningSubscription>;
  /** Resolves when what the bus is made of answers. @throws {PartituraError} why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}
