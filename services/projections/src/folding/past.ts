import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { inheritedEvents } from '@partitura/shared/forking';

/** What a fork has inherited, as its own, in order. */
export type PastOf = (forked: RecordedEvent) => AsyncIterable<readonly RecordedEvent[]>;

/** It is the parent's events themselves that are folded: a fork has no copy of them. */
export const pastIn =
  (store: EventStore): PastOf =>
  (forked) =>
    inheritedEvents(store, forked);

export const noPast: PastOf = async function* () {};
