import type { EventStore } from '../port.ts';
import type { EventStoreDbOptions } from './open-event-store.ts';

export type { EventStoreDbOptions } from './open-event-store.ts';

/**
 * The log in EventStoreDB. The client is loaded here and not before: who does not use it does not pay for it.
 * @throws {PartituraError} `EVENT_STORE_URL_INVALID`, `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED`, `STORE_VERSION_UNSUPPORTED`
 */
export const connectEventStoreDb = async (options: EventStoreDbOptions): Promise<EventStore> => {
  const { openEventStore } = await import('./open-event-store.ts');
  return await openEventStore(options);
};
