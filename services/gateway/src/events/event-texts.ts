import type { RecordedEvent } from '@partitura/shared/events';
import { toCloudEvent } from '@partitura/shared/http';
import { type KeyRing, openedEvent } from '@partitura/shared/subject-keys';
import { format } from './channel.ts';

/**
 * An event as a stream of events has it, opened, made once for all who get it and kept as long as the event is; or until somebody is erased:
 * then all are made anew.
 */
export const eventTexts = (subjects: KeyRing): ((event: RecordedEvent) => Uint8Array) => {
  let texts = new WeakMap<RecordedEvent, Uint8Array>();
  let generation = subjects.generation();
  return (event) => {
    if (generation !== subjects.generation()) texts = new WeakMap();
    generation = subjects.generation();
    const known = texts.get(event);
    if (known) return known;
    const text = Buffer.from(
      format({ id: event.position, event: 'event', data: toCloudEvent(openedEvent(event, subjects)) }),
    );
    texts.set(event, text);
    return text;
  };
};
