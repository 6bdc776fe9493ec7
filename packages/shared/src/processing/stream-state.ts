import type { EventStore } from '../event-store/index.ts';
import type { DomainEvent, Position, RecordedEvent, StreamName } from '../events/index.ts';
import { beginning } from '../events/index.ts';

/** A stream folded up to its last event. `revision` is -1 for a stream that does not exist. */
export interface FoldedStream<State> {
  readonly state: State;
  readonly revision: number;
  readonly position: Position;
}

/** Reads a stream once, from its first event, and folds it. */
export const foldStream = async <State, Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  initial: State,
  evolve: (state: State, event: Event) => State,
): Promise<FoldedStream<State>> => {
  let state = initial;
  let last: RecordedEvent | null = null;
  for await (const page of store.readStream(stream)) {
    for (const event of page) {
      // A stream's category fixes its event types; the registry refused everything else at the append.
      state = evolve(state, event as DomainEvent as Event);
      last = event;
    }
  }
  return { state, revision: last?.revision ?? -1, position: last?.position ?? beginning };
};
