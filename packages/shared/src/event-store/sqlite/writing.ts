import type { DatabaseSync } from 'node:sqlite';
import { chainHash, type RecordedEvent, type StreamName } from '../../events/index.ts';
import { ConcurrencyError } from '../errors.ts';
import type { AppendResult, ExpectedRevision } from '../port.ts';
import type { PreparedAppend, PreparedEvent } from '../prepare-append.ts';
import type { Numbering } from './numbering.ts';
import type { Places } from './places.ts';
import { positionOf } from './positions.ts';
import type { Recent, RecentEvent } from './recent.ts';
import type { StreamHead, StreamHeads } from './stream-heads.ts';

export interface Append extends PreparedAppend {
  readonly expected: ExpectedRevision;
}

/** What became of one append of a group; a refused one leaves nothing behind and does not keep the others from theirs. */
export type AppendOutcome = { readonly result: AppendResult } | { readonly refusal: ConcurrencyError };

export interface Writer {
  /** One transaction for all of them, in their order; durable when it returns. Throws what SQLite throws, and then none is in. */
  commit(group: readonly Append[]): readonly AppendOutcome[];
  /** Position of the last event, as a number. */
  head(): number;
}

export const writer = (
  database: DatabaseSync,
  heads: StreamHeads,
  numbers: Numbering,
  places: Places,
  recent: Recent,
): Writer => {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const dataVersion = database.prepare('PRAGMA data_version');
  const lastPosition = database.prepare('SELECT coalesce(max(position), 0) AS last FROM events');
  const addStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
  const insert = database.prepare(
    'INSERT INTO events (position, stream, revision, kind, run, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  let seenVersion = -1;
  let head = 0;
  /** Of the transaction at work. */
  let fresh: RecentEvent[] = [];

  const refresh = (): void => {
    heads.forget();
    numbers.forget();
    places.reload();
    recent.forget();
    head = Number(lastPosition.get()?.last);
  };

  /** SQLite tells when another connection wrote. There is to be one writer; if there is not, we still must not believe our memory. */
  const noticeOthers = (): void => {
    const version = Number(dataVersion.get()?.data_version);
    if (version === seenVersion) return;
    seenVersion = version;
    refresh();
  };

  const write = (append: Append, stream: StreamHead): AppendResult => {
    if (stream.number === 0) stream.number = Number(addStream.run(append.stream).lastInsertRowid);
    for (const event of append.events) {
      const revision = stream.revision + 1;
      const body = `${event.before}${revision}${event.after}`;
      const hash = chainHash(stream.hash, body);
      const kind = numbers.kind(append.category, event.type);
      const run = event.runId === null ? null : numbers.run(event.runId);
      head += 1;
      insert.run(head, stream.number, revision, kind, run, hash, body);
      heads.advance(stream, event.id, hash);
      places.written(stream.number, revision, head);
      if (recent.isFollowed()) {
        const recorded = recordedEvent(append.stream, event, revision, head, hash);
        fresh.push({ event: recorded, kind, run, characters: body.length });
      }
    }
    return { revision: stream.revision, position: positionOf(head), alreadyRecorded: false };
  };

  const settle = (append: Append): AppendOutcome => {
    const stream = heads.of(append.stream);
    const found = recordedBefore(append.events, stream);
    if (found === 'some') return refused(append, stream, 'some of these events are recorded already');
    if (found !== 'none') {
      const [position = 0] = places.ofStream(stream.number, {
        after: found - 1,
        direction: 'forwards',
        limit: 1,
      });
      return { result: { revision: found, position: positionOf(position), alreadyRecorded: true } };
    }
    if (!isAsExpected(append.expected, stream.revision)) return refused(append, stream);
    return { result: write(append, stream) };
  };

  return {
    commit: (group) => {
      begin.run();
      try {
        noticeOthers();
        fresh = [];
        const outcomes = group.map(settle);
        places.settle();
        commit.run();
        if (fresh.length > 0) recent.enter(head - fresh.length + 1, fresh);
        return outcomes;
      } catch (error) {
        // A full disk may have rolled back by itself already.
        if (database.isTransaction) rollback.run();
        refresh();
        throw error;
      }
    },
    head: () => {
      noticeOthers();
      return head;
    },
  };
};

/** What a read of the row gives. */
const recordedEvent = (
  stream: StreamName,
  { data, id, metadata, time, type, version }: PreparedEvent,
  revision: number,
  position: number,
  hash: string,
): RecordedEvent => ({
  data,
  id,
  metadata,
  revision,
  stream,
  time,
  type,
  version,
  position: positionOf(position),
  hash,
});

const refused = (append: Append, stream: StreamHead, detail?: string): AppendOutcome => ({
  refusal: new ConcurrencyError(
    append.stream,
    append.expected,
    stream.revision === -1 ? 'no_stream' : stream.revision,
    detail,
  ),
});

/** The revision of the last of the events when all of them stand one after the other in the stream. */
const recordedBefore = (
  events: readonly PreparedEvent[],
  { revisions }: StreamHead,
): number | 'none' | 'some' => {
  let previous: number | undefined;
  let found = 0;
  for (const { id } of events) {
    const revision = revisions.get(id);
    if (revision === undefined) continue;
    if (previous !== undefined && revision !== previous + 1) return 'some';
    previous = revision;
    found += 1;
  }
  if (previous === undefined) return 'none';
  return found === events.length ? previous : 'some';
};

const isAsExpected = (expected: ExpectedRevision, revision: number): boolean => {
  switch (expected) {
    case 'any':
      return true;
    case 'no_stream':
      return revision === -1;
    case 'stream_exists':
      return revision >= 0;
    default:
      return revision === expected && revision >= 0;
  }
};
