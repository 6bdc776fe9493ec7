import { connectEventStoreDb, type EventStore } from '@partitura/shared/event-store';
import { type RecordedEvent, verifyChain } from '@partitura/shared/events';
import { silentLogger, systemClock } from '@partitura/shared/runtime';

export const openLog = (url: string): Promise<EventStore> =>
  connectEventStoreDb({ url, clock: systemClock, logger: silentLogger });

export const readAll = async (store: EventStore): Promise<readonly RecordedEvent[]> => {
  const all: RecordedEvent[] = [];
  for await (const { events } of store.readAll({ asRecorded: true })) all.push(...events);
  return all;
};

/** What is wrong with the hash chains; null when nothing is. */
export const brokenChain = (events: readonly RecordedEvent[]): string | null => {
  const verdict = verifyChain(events);
  return verdict.intact ? null : verdict.firstBreak.detail;
};
