import type { RecordedEvent } from '@partitura/shared/events';
import { type CloudEvent, toCloudEvent } from '@partitura/shared/http';
import { type KeyRing, openedEvent } from '@partitura/shared/subject-keys';

/**
 * What is made of an event as whoever may read it sees it: opened, once for all who get it, and kept as long as the event is; or until
 * somebody is erased: then all are made anew.
 */
export const madeOnce = <Made>(
  subjects: KeyRing,
  make: (event: CloudEvent) => Made,
): ((event: RecordedEvent) => Made) => {
  let kept = new WeakMap<RecordedEvent, { readonly made: Made }>();
  let generation = subjects.generation();
  return (event) => {
    if (generation !== subjects.generation()) kept = new WeakMap();
    generation = subjects.generation();
    const known = kept.get(event);
    if (known) return known.made;
    const made = make(toCloudEvent(openedEvent(event, subjects)));
    kept.set(event, { made });
    return made;
  };
};
