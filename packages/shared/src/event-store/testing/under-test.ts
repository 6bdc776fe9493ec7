import type { EventRegistry } from '../../events/index.ts';
import type { EventStore } from '../port.ts';

/** One log, empty at first, that can be closed and opened again. */
export interface EventStoreUnderTest {
  open(registry: EventRegistry): Promise<EventStore>;
  /** Removes the log; every store opened on it is closed by then. */
  remove(): Promise<void>;
}

export type MakeEventStore = () => Promise<EventStoreUnderTest>;
