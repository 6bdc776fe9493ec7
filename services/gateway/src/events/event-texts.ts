import type { RecordedEvent } from '@partitura/shared/events';
import { toCloudEvent } from '@partitura/shared/http';
import { format } from './channel.ts';

/** An event as a stream of events has it, made once for all who get it and kept as long as the event is. */
export const eventTexts = (): ((event: RecordedEvent) => Uint8Array) => {
  const texts = new WeakMap<RecordedEvent, Uint8Array>();
  return (event) => {
    const known = texts.get(event);
    if (known) return known;
    const text = Buffer.from(format({ id: event.position, event: 'event', data: toCloudEvent(event) }));
    texts.set(event, text);
    return text;
  };
};
