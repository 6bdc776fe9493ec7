import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamName } from '../../events/index.ts';
import { beginning, type EventRegistry, type Position, type RecordedEvent } from '../../events/index.ts';
import type { EventFilter, EventPage, ReadAllOptions, ReadStreamOptions } from '../port.ts';
import type { Connection, ReadCall } from './connection.ts';
import { canMatch, matches } from './filters.ts';
import type { Patience } from './patience.ts';
import { logPositionOf, positionOf } from './positions.ts';
import { inCurrentVersion, recordedEvent } from './records.ts';
import { allRequest, streamRequest } from './requests.ts';
import type { StreamNames } from './stream-names.ts';

export interface Reader {
  stream(stream: StreamName, options?: ReadStreamOptions): AsyncGenerator<readonly RecordedEvent[]>;
  all(options?: ReadAllOptions): AsyncGenerator<EventPage>;
  /** Of the last event of ours; `beginning` when there is none. */
  head(): Promise<Position>;
}

const defaultPage = 256;
/** A page ends after the event that brings it past this, whatever its limit: some events are big. */
const bytesInPage = 4_000_000;
const pageDeadlineMs = 30_000;

type Direction = 'forwards' | 'backwards';

/** What one call brought: events of ours as recorded, and how far it read over those of others. */
interface RawPage {
  readonly events: readonly RecordedEvent[];
  /** null when there was no record at all. */
  readonly end: { readonly position: Position; readonly revision: number } | null;
  /** The server had nothing more. */
  readonly last: boolean;
}

export const reader = (connection: Connection, patience: Patience, registry: EventRegistry): Reader => {
  const { names } = connection;

  const page = (request: ReadReq, count: number): Promise<RawPage> =>
    patience.patiently(async () => collect(await connection.read(request, pageDeadlineMs), count, names));

  /** One record more is asked for than wanted: forwards, the one at `after` comes again. */
  const rawPageAfter = async (
    after: Position,
    direction: Direction,
    filter: EventFilter,
    limit = defaultPage,
  ): Promise<RawPage> => {
    const count = limit + 1;
    const { events, end, last } = await page(
      allRequest(names, logPositionOf(after), count, direction, filter),
      count,
    );
    const isNew = ({ position }: RecordedEvent): boolean =>
      after === beginning || (direction === 'forwards' ? position > after : position < after);
    return { events: events.filter(isNew), end, last };
  };

  const head = async (): Promise<Position> => {
    let before: Position = beginning;
    // Records that are not ours may stand at the end, in streams that are named like ours.
    for (let limit = 1; ; limit = defaultPage) {
      const { events, end, last } = await rawPageAfter(before, 'backwards', {}, limit);
      const [event] = events;
      if (event || last || !end) return event?.position ?? beginning;
      before = end.position;
    }
  };

  return {
    stream: (name, options = {}) => streamPages({ page, names, registry }, name, options),
    all: (options = {}) => allPages({ rawPageAfter, head, registry }, options),
    head,
  };
};

interface StreamDependencies {
  readonly page: (request: ReadReq, count: number) => Promise<RawPage>;
  readonly names: StreamNames;
  readonly registry: EventRegistry;
}

async function* streamPages(
  { page, names, registry }: StreamDependencies,
  name: StreamName,
  {
    direction = 'forwards',
    from: start = null,
    limit = Number.POSITIVE_INFINITY,
    asRecorded = false,
  }: StreamStart,
): AsyncGenerator<readonly RecordedEvent[]> {
  const step = direction === 'forwards' ? 1 : -1;
  let left = limit;
  let from = start;
  while (left > 0 && (from ?? 0) >= 0) {
    const count = Math.min(left, defaultPage);
    const { events, end, last } = await page(streamRequest(names, name, from, count, direction), count);
    if (events.length > 0) yield versionAsAsked(events, registry, asRecorded);
    if (last || !end) return;
    left -= events.length;
    from = end.revision + step;
  }
}

type StreamStart = Omit<ReadStreamOptions, 'from'> & { readonly from?: number | null };

interface AllDependencies {
  readonly rawPageAfter: (
    after: Position,
    direction: Direction,
    filter: EventFilter,
    limit: number,
  ) => Promise<RawPage>;
  readonly head: () => Promise<Position>;
  readonly registry: EventRegistry;
}

async function* allPages(
  { rawPageAfter, head, registry }: AllDependencies,
  {
    after: start = beginning,
    direction = 'forwards',
    filter = {},
    limit,
    asRecorded = false,
  }: ReadAllOptions,
): AsyncGenerator<EventPage> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  let after = start;
  logPositionOf(after);
  // First: what is recorded while pages are read stands after it, and is not skipped.
  const end = direction === 'forwards' ? await head() : beginning;
  let last = !canMatch(filter);
  while (!last && left > 0) {
    const raw = await rawPageAfter(after, direction, filter, pageFor(left, filter));
    const found = raw.events.filter((event) => matches(event, filter));
    const events = found.slice(0, left);
    const isCut = events.length < found.length;
    after = reachedBy(isCut ? events.at(-1) : raw.end, after, raw.last && !isCut ? end : beginning);
    if (events.length > 0) yield { events: versionAsAsked(events, registry, asRecorded), position: after };
    left -= events.length;
    last = raw.last;
  }
}

const versionAsAsked = (
  events: readonly RecordedEvent[],
  registry: EventRegistry,
  asRecorded: boolean,
): readonly RecordedEvent[] => events.map((event) => inCurrentVersion(event, asRecorded ? null : registry));

/** What is looked for by its run is picked out here, and may be rare. */
const pageFor = (left: number, { runId }: EventFilter): number =>
  runId === undefined ? Math.min(left, defaultPage) : defaultPage;

/** How far a page has read; with nothing behind it, the end of the log that was known before. */
const reachedBy = (
  place: { readonly position: Position } | null | undefined,
  before: Position,
  end: Position,
): Position => {
  const reached = place?.position ?? before;
  return reached < end ? end : reached;
};

/** Reads a call to its end, or until the page is full. */
const collect = async (call: ReadCall, count: number, names: StreamNames): Promise<RawPage> => {
  const events: RecordedEvent[] = [];
  let end: RawPage['end'] = null;
  let records = 0;
  let bytes = 0;
  // The call tells of its own cancelling too.
  call.on('error', () => undefined);
  try {
    for await (const response of call as AsyncIterable<ReadResp>) {
      const read = response.getEvent();
      const record = read?.getEvent();
      if (!record) continue;
      end = { position: placeOf(record), revision: Number(record.getStreamRevision()) };
      records += 1;
      bytes += record.getData_asU8().length;
      const event = recordedEvent(read, names);
      if (event) events.push(event);
      if (bytes >= bytesInPage) return { events, end, last: false };
    }
    return { events, end, last: records < count };
  } finally {
    call.cancel();
  }
};

const placeOf = (record: ReadResp.ReadEvent.RecordedEvent): Position =>
  positionOf({ commit: record.getCommitPosition(), prepare: record.getPreparePosition() });
