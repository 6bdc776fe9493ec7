import type { EventStore } from '../event-store/index.ts';
import type { DomainEvent, RecordedEvent, StreamName } from '../events/index.ts';
import type { Decision } from './batch-decision.ts';

/** Further back than this nobody asks again: whoever sends a command twice does so within its time-out. */
const searched = 512;

// The category of the stream fixes its event types.
const asDomainEvent = <Event extends DomainEvent>({ type, data }: RecordedEvent): Event =>
  ({ type, data }) as DomainEvent as Event;

/**
 * The very same commands were decided on before, by a process that ended before it knew, or by another: what was decided then
 * is in the log and is the answer. `last` is the revision of the last of their events.
 */
export const decisionsAsRecorded = async <Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  decisions: readonly Decision<Event>[],
  last: number,
): Promise<readonly Decision<Event>[]> => {
  const count = decisions.reduce((sum, { events }) => sum + events.length, 0);
  const pages = await Array.fromAsync(store.readStream(stream, { from: last - count + 1, limit: count }));
  const recorded = pages.flat().map(asDomainEvent<Event>);
  return decisions.map((decision) =>
    decision.refusal ? decision : { events: recorded.splice(0, decision.events.length), refusal: null },
  );
};

/**
 * What the end of the log has of one command; null for nothing. Of one that would be refused now because it was done: by a replica
 * that was killed before it could answer, so that the caller asked another.
 */
export const eventsOfCommand = async <Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  commandId: string,
): Promise<readonly Event[] | null> => {
  const pages = await Array.fromAsync(store.readStream(stream, { direction: 'backwards', limit: searched }));
  const recorded = pages.flat().filter(({ id }) => isOf(id, commandId));
  return recorded.length === 0 ? null : recorded.reverse().map(asDomainEvent<Event>);
};

/** Events are named `<command>/<index>`; the command of a reaction to one of them is `<command>/<index>>`. */
const isOf = (eventId: string, commandId: string): boolean =>
  eventId.startsWith(`${commandId}/`) && /^\d+$/.test(eventId.slice(commandId.length + 1));
