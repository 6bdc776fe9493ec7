import type { EventStore } from '../../event-store/index.ts';
import type { EventBus } from '../port.ts';

export interface EventBusUnderTest {
  /** The log the bus hands on; the suite records into it. */
  readonly store: EventStore;
  /** A bus over the log and its checkpoints, as another process, or the same one after a restart, would have. */
  connect(): Promise<EventBus>;
  /** Ends a bus as `kill -9` would: nothing is stopped, nothing is stored any more. */
  crash(bus: EventBus): Promise<void>;
  close(): Promise<void>;
}
