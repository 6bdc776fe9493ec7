import type { EventStore } from '../event-store/index.ts';
import type { DomainEvent, EventMetadata, EventToAppend, Position, StreamName } from '../events/index.ts';
import { versionOf } from '../events/index.ts';
import type { Clock, Ids } from '../runtime/index.ts';
import { foldStream } from './stream-state.ts';

export interface SessionOptions<State, Event extends DomainEvent> {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stream: StreamName;
  readonly metadata: EventMetadata;
  readonly initial: () => State;
  readonly evolve: (state: State, event: Event) => State;
}

/**
 * One writer's hold on one stream. Every append expects the revision the session has seen: whoever was replaced meanwhile is
 * refused at its next append (`STREAM_REVISION_CONFLICT`) and has to stop. That is the fence; there is no other lock.
 */
export interface StreamSession<State, Event extends DomainEvent> {
  readonly state: () => State;
  /** -1 while the stream does not exist. */
  readonly revision: () => number;
  readonly position: () => Position;
  /** Durable and folded into the state when it resolves, in the order of the calls. `causationId` names what led to it. */
  readonly append: (events: readonly Event[], causationId?: string) => Promise<void>;
}

/** Folds what there is of a stream and goes on from it. The first append to a stream that does not exist creates it: the claim. */
export const openSession = async <State, Event extends DomainEvent>(
  options: SessionOptions<State, Event>,
): Promise<StreamSession<State, Event>> => {
  const { store, clock, ids, stream, metadata, evolve } = options;
  let { state, revision, position } = await foldStream(store, stream, options.initial(), evolve);
  let before: Promise<unknown> = Promise.resolve();

  const write = async (events: readonly Event[], causationId?: string): Promise<void> => {
    if (events.length === 0) return;
    const time = new Date(clock.now()).toISOString();
    const prepared: EventToAppend[] = events.map((event) => ({
      // Random on purpose: an id made of stream and revision would let two claimants both be told "already recorded".
      id: ids.next('e'),
      type: event.type,
      version: versionOf(event.type),
      data: event.data,
      time,
      metadata: causationId === undefined ? metadata : { ...metadata, causationId },
    }));
    const result = await store.append(stream, prepared, revision === -1 ? 'no_stream' : revision);
    for (const event of events) state = evolve(state, event);
    revision = result.revision;
    position = result.position;
  };
  /** One after the other: two of the same session at once would be taken for two sessions, and the second be refused. */
  const append = (events: readonly Event[], causationId?: string): Promise<void> => {
    const written = before.then(() => write(events, causationId));
    before = written.catch(() => {});
    return written;
  };

  return { state: () => state, revision: () => revision, position: () => position, append };
};
