import type { DatabaseSync } from 'node:sqlite';
import { chainHash, type RecordedEvent, type StreamName } from '../../events/index.ts';
import { type Append, decide, refused } from '../append-decision.ts';
import type { ConcurrencyError } from '../errors.ts';
import type { AppendResult } from '../port.ts';
import type { PreparedEvent } from '../prepare-append.ts';
import type { Numbering } from './numbering.ts';
import type { Places } from './places.ts';
import { positionOf } from './positions.ts';
import type { Recent, RecentEvent } from './recent.ts';
import type { StreamHead, StreamHeads } from './stream-heads.ts';

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
  let restored = false;

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
    restored ||= append.restored === true;
    for (const event of append.events) {
      const revision = stream.revision + 1;
      const body = `${event.before}${revision}${event.after}`;
      const hash = chainHash(stream.hash, body);
      const kind = numbers.kind(append.category, event.type);
      const run = event.runId === null ? null : numbers.run(event.runId);
      head += 1;
      insert.run(head, stream.number, revision, kind, run, hash, body);
      heads.advance(stream, { id: event.id, revision, hash });
      places.written(stream.number, revision, head);
      if (recent.isFollowed()) {
        const recorded = recordedEvent(append.stream, event, revision, head, hash);
        fresh.push({ event: recorded, kind, run, characters: body.length });
      }
    }
    return { revision: stream.revision, position: positionOf(head), alreadyRecorded: false };
  };

  const firstResult = (stream: StreamHead, revision: number) => {
    const reach = { after: revision - 1, direction: 'forwards', limit: 1 } as const;
    const [position = 0] = places.ofStream(stream.number, reach);
    return { revision, position: positionOf(position) };
  };

  const settle = (append: Append): AppendOutcome => {
    const stream = heads.of(append.stream);
    const decision = decide(append, stream);
    if (decision.kind === 'refuse') return { refusal: refused(append, stream, decision.detail) };
    if (decision.kind === 'known')
      return { result: { ...firstResult(stream, decision.revision), alreadyRecorded: true } };
    return { result: write(append, stream) };
  };

  return {
    commit: (group) => {
      begin.run();
      try {
        noticeOthers();
        fresh = [];
        restored = false;
        const outcomes = group.map(settle);
        places.settle();
        commit.run();
        // What is recent is handed out without being upcast.
        if (restored) recent.forget();
        else if (fresh.length > 0) recent.enter(head - fresh.length + 1, fresh);
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
