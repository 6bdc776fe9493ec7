import type { EventStore } from '../event-store/index.ts';
import type { DomainEvent, EventMetadata, Position, RecordedEvent, StreamName } from '../events/index.ts';
import { beginning } from '../events/index.ts';
import { readWithPast } from '../forking/index.ts';

/** A stream folded up to its last event. `revision` is -1 for a stream that does not exist. */
export interface FoldedStream<State> {
  readonly state: State;
  readonly revision: number;
  readonly position: Position;
}

type Evolve<State, Event extends DomainEvent> = (
  state: State,
  event: Event,
  metadata: EventMetadata,
) => State;

/** Reads a stream once, from its first event, and folds it; of a run that was forked with what it has inherited. */
export const foldStream = <State, Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  initial: State,
  evolve: Evolve<State, Event>,
): Promise<FoldedStream<State>> =>
  foldOn(store, stream, { state: initial, revision: -1, position: beginning }, evolve);

/** Reads what was appended since, and folds only that. Consumes what it is given, also when it throws. */
export const foldOn = async <State, Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  before: FoldedStream<State>,
  evolve: Evolve<State, Event>,
): Promise<FoldedStream<State>> => {
  let { state } = before;
  let last: RecordedEvent | null = null;
  for await (const page of readWithPast(store, stream, { from: before.revision + 1 })) {
    for (const event of page) {
      // A stream's category fixes its event types; the registry refused everything else at the append.
      state = evolve(state, event as DomainEvent as Event, event.metadata);
      last = event;
    }
  }
  return {
    state,
    revision: last?.revision ?? before.revision,
    position: last?.position ?? before.position,
  };
};
