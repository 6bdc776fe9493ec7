import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { asOfHere, inheritedEvents, isForked } from '@partitura/shared/forking';

export interface Past {
  /** The fork's own first word, with positions of this log. */
  readonly forked: RecordedEvent;
  /** What it has inherited, as its own, in order. */
  readonly events: AsyncIterable<readonly RecordedEvent[]>;
}

/** How a fork begins. */
export type PastOf = (forked: RecordedEvent) => Promise<Past>;

/** It is the parent's events themselves that are folded: a fork has no copy of them. */
export const pastIn =
  (store: EventStore): PastOf =>
  async (forked) => ({
    forked: isForked(forked) ? await asOfHere(store, forked) : forked,
    events: inheritedEvents(store, forked),
  });

export const noPast: PastOf = async (forked) => ({ forked, events: (async function* () {})() });
