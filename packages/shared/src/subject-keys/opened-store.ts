import type { EventStore } from '../event-store/index.ts';
import { ownerOf, type RecordedEvent } from '../events/index.ts';
import type { KeyRing } from './key-ring.ts';

/** An event as whoever may read it sees it: opened with the keys of whose it is. */
export const openedEvent = (event: RecordedEvent, ring: KeyRing): RecordedEvent => {
  if (ring.isEmpty()) return event;
  const sealer = ring.sealer(ownerOf(event.metadata));
  const data = sealer.openData(event.data);
  const actor = sealer.openText(event.metadata.actor);
  if (data === event.data && actor === event.metadata.actor) return event;
  return { ...event, data, metadata: { ...event.metadata, actor } };
};

/** The log as whoever may read it sees it; what is read as it was recorded stays sealed, for chains are made of that. */
export const openedStore = (store: EventStore, ring: KeyRing): EventStore => ({
  ...store,
  readStream: async function* (stream, options = {}) {
    for await (const events of store.readStream(stream, options))
      yield options.asRecorded === true ? events : events.map((event) => openedEvent(event, ring));
  },
  readAll: async function* (options = {}) {
    for await (const page of store.readAll(options))
      yield options.asRecorded === true ? page : openedPage(page, ring);
  },
  subscribe: async function* (options) {
    for await (const page of store.subscribe(options)) yield openedPage(page, ring);
  },
});

const openedPage = <Page extends { readonly events: readonly RecordedEvent[] }>(
  page: Page,
  ring: KeyRing,
): Page => ({
  ...page,
  events: page.events.map((event) => openedEvent(event, ring)),
});
