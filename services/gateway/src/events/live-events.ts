import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import type { CloudEvent } from '@partitura/shared/http';
import type { KeyRing } from '@partitura/shared/subject-keys';
import { format } from './channel.ts';
import { madeOnce } from './event-texts.ts';
import { type Feed, sharedFeed } from './feed.ts';

/** The log as all clients follow it, whatever they are connected by, and its events as they get them. What is kept of it stays sealed. */
export interface LiveEvents extends Feed {
  /** As a stream of server-sent events has it. */
  sent(event: RecordedEvent): Uint8Array;
  /** As JSON, for what stands in something larger. */
  text(event: RecordedEvent): string;
  opened(event: RecordedEvent): CloudEvent;
}

/** One subscription to the store for a server, and each event made ready once for each kind of connection. */
export const liveEvents = (store: EventStore, subjects: KeyRing): LiveEvents => {
  const sent = madeOnce(subjects, (event) =>
    Buffer.from(format({ id: event.position, event: 'event', data: event })),
  );
  const { follow } = sharedFeed({ store, bytesOf: (event) => sent(event).byteLength });
  return {
    follow,
    sent,
    text: madeOnce(subjects, (event) => JSON.stringify(event)),
    opened: madeOnce(subjects, (event) => event),
  };
};
