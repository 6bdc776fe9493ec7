import type { EventStore } from '../event-store/index.ts';
import {
  type Ownership,
  ownershipIn,
  type Position,
  type RecordedEvent,
  type RunEvent,
  streamName,
} from '../events/index.ts';
import type { CallContext } from '../http/operation.ts';
import { isThereFor, ownerOf } from '../http/tenancy.ts';
import { PartituraError } from '../runtime/errors.ts';

/** One recorded type for each event type, so that a test of the type tells what the data is. */
export type RecordedRunEvent = RunEvent extends infer One
  ? One extends RunEvent
    ? RecordedEvent<One>
    : never
  : never;

type Streams = Pick<EventStore, 'readStream'>;

/** A stream up to a position; nothing for one that did not exist then. */
export const readUpTo = async (
  store: Streams,
  stream: RecordedEvent['stream'],
  until: Position,
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.readStream(stream)) {
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
  // The category of the stream fixes its event types.
  return events as readonly RecordedRunEvent[];
};
