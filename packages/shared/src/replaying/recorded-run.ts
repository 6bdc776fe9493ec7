import type { EventStore } from '../event-store/index.ts';
import {
  beginning,
  type Ownership,
  ownershipIn,
  type Position,
  type RecordedEvent,
  type RecordedIn,
  recordedIn,
  streamName,
} from '../events/index.ts';
import { isForked, isInherited, readWithPast } from '../forking/index.ts';
import type { CallContext } from '../http/operation.ts';
import { isThereFor, ownerOf } from '../http/tenancy.ts';
import { PartituraError } from '../runtime/errors.ts';
import { closedStore, withoutImports } from './read-only.ts';

export type RecordedRunEvent = RecordedIn<'run'>;

type Streams = Pick<EventStore, 'readStream'>;

const readable = new WeakMap<Streams, EventStore>();

/** One for each log: what it is known to have been forked from is remembered with it. */
const readableOf = (store: Streams): EventStore => {
  const known = readable.get(store) ?? {
    ...closedStore,
    readStream: store.readStream,
    readAll: withoutImports,
  };
  readable.set(store, known);
  return known;
};

/** A stream up to a position, of a fork with what it has inherited; nothing for one that did not exist then. */
export const readUpTo = async (
  store: Streams,
  stream: RecordedEvent['stream'],
  until: Position,
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of readWithPast(readableOf(store), stream)) {
    for (const event of page) {
      if (event.position > until) return events;
      events.push(event);
    }
  }
  return events;
};

/**
 * A run's own stream up to a position, for somebody who may see the run.
 * @throws {PartituraError} `RUN_NOT_FOUND`
 */
export const recordedRun = async (
  store: Streams,
  runId: string,
  until: Position,
  context: Pick<CallContext, 'organizationId'>,
): Promise<readonly RecordedRunEvent[]> => {
  const events = await readUpTo(store, streamName('run', runId), until);
  const [first] = events;
  const owner: Ownership = first ? ownershipIn(first.metadata) : {};
  if (!first || !isThereFor(context, ownerOf(owner)))
    throw new PartituraError('RUN_NOT_FOUND', `There is no run "${runId}".`, {
      advice: 'See the runs with: partitura ps',
    });
  return recordedIn('run', events);
};

/** What was recorded in a stream itself, and what came to it with the run that its run was forked from. */
export const ownOf = <Event extends RecordedEvent>(
  events: readonly Event[],
): { readonly own: readonly Event[]; readonly past: readonly Event[] } => ({
  own: events.filter((event) => !isInherited(event)),
  past: events.filter(isInherited),
});

/** From where on a run decides by itself: where it was forked, else the beginning. */
export const decidesFrom = (events: readonly RecordedEvent[]): Position =>
  events.find((event) => isForked(event) && !isInherited(event))?.position ?? beginning;
