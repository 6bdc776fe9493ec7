import { canonicalForm } from '../canonical/index.ts';
import {
  chainedText,
  chainHash,
  hashBeforeTheFirst,
  parseStreamName,
  type RecordedEvent,
  type StreamName,
} from '../events/index.ts';
import type { Append } from './append-decision.ts';
import { ConcurrencyError, InvalidEventError } from './errors.ts';
import type { AppendResult, EventStore } from './port.ts';
import type { PreparedEvent } from './prepare-append.ts';

export interface Restoring {
  readonly readStream: EventStore['readStream'];
  readonly append: (append: Append) => Promise<AppendResult>;
}

/** `restore` of every adapter: looks at what the stream has, and appends what is missing as it was recorded. */
export const restoring =
  ({ readStream, append }: Restoring): EventStore['restore'] =>
  async (stream, events) => {
    const [first] = events;
    if (!first) throw new RangeError(`A restore of ${stream} without events says nothing.`);
    checkLinks(stream, events);
    const found = await alike(readStream, stream, events);
    if (found.length === events.length) return alreadyThere(found, first);
    const before = found.at(-1) ?? (await eventBefore(readStream, stream, first.revision));
    const missing = events.slice(found.length);
    return append({
      stream,
      category: parseStreamName(stream).category,
      events: missing.map((event) => prepared(stream, event, before)),
      expected: before === null ? 'no_stream' : before.revision,
      restored: true,
    });
  };

/** The last of them, all of which are there. */
const alreadyThere = (found: readonly RecordedEvent[], first: RecordedEvent): AppendResult => {
  const { revision, position } = found.at(-1) ?? first;
  return { revision, position, alreadyRecorded: true };
};

const checkLinks = (stream: StreamName, events: readonly RecordedEvent[]): void => {
  let before: RecordedEvent | null = null;
  for (const event of events) {
    const expected = before === null ? event.revision : before.revision + 1;
    if (event.stream !== stream || event.revision !== expected)
      throw unfit(stream, event, 'revision', `is not the one that follows in ${stream}`);
    const previous = before?.hash ?? (event.revision === 0 ? hashBeforeTheFirst : null);
    if (previous !== null && chainHash(previous, chainedText(event)) !== event.hash)
      throw unfit(stream, event, 'hash', 'does not fit what the event says');
    before = event;
  }
};

/** Those that the stream has already. @throws {ConcurrencyError} when it has others in their place */
const alike = async (
  readStream: EventStore['readStream'],
  stream: StreamName,
  events: readonly RecordedEvent[],
): Promise<readonly RecordedEvent[]> => {
  const reach = { from: events[0]?.revision ?? 0, limit: events.length, asRecorded: true };
  const there = (await Array.fromAsync(readStream(stream, reach))).flat();
  const other = there.find(({ hash }, index) => hash !== events[index]?.hash);
  if (!other) return there;
  throw new ConcurrencyError(
    stream,
    other.revision - 1,
    other.revision,
    `${other.id} stands where another event would be restored`,
  );
};

const eventBefore = async (
  readStream: EventStore['readStream'],
  stream: StreamName,
  revision: number,
): Promise<RecordedEvent | null> => {
  if (revision === 0) return null;
  const reach = { from: revision - 1, limit: 1, asRecorded: true };
  const [page] = await Array.fromAsync(readStream(stream, reach));
  const before = page?.[0];
  if (before) return before;
  throw new ConcurrencyError(stream, revision - 1, 'no_stream', 'the event before it is not there');
};

const prepared = (stream: StreamName, event: RecordedEvent, before: RecordedEvent | null): PreparedEvent => {
  const { id, type, version, time } = event;
  const follows = before !== null && event.revision === before.revision + 1;
  if (follows && chainHash(before.hash, chainedText(event)) !== event.hash)
    throw new ConcurrencyError(stream, before.revision, before.revision, 'it has another past here');
  const data = canonicalForm(event.data);
  const metadata = canonicalForm(event.metadata);
  return {
    id,
    type,
    version,
    time,
    runId: event.metadata.runId ?? null,
    data: data.value,
    metadata: event.metadata,
    before: `{"data":${data.text},"id":${JSON.stringify(id)},"metadata":${metadata.text},"revision":`,
    after: `,"stream":${JSON.stringify(stream)},"time":${JSON.stringify(time)},"type":${JSON.stringify(type)},"version":${version}}`,
  };
};

const unfit = (stream: StreamName, { type, revision }: RecordedEvent, path: string, message: string) =>
  new InvalidEventError(type, stream, [{ path, message: `of revision ${revision} ${message}` }]);
