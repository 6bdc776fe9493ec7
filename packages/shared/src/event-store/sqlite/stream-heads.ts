import type { DatabaseSync } from 'node:sqlite';
import { hashBeforeTheFirst, type StreamName } from '../../events/index.ts';
import type { Places } from './places.ts';

/** Where a stream stands, and which events it has: what an append is checked against. */
export interface StreamHead {
  /** 0 until the stream has its first event. */
  number: number;
  /** -1 for a stream without events. */
  revision: number;
  hash: string;
  readonly revisions: Map<string, number>;
}

export interface StreamHeads {
  of(stream: StreamName): StreamHead;
  /** Enters an event that was written. */
  advance(head: StreamHead, id: string, hash: string): void;
  /** Drops all, for example after a rollback: the database has the truth. */
  forget(): void;
}

/** Ids kept in one generation; there are two, ≈ 100 bytes an id. */
const idsInGeneration = 50_000;

/**
 * Streams that are appended to, as they stand. An index over event ids would dirty a page of the file per event and more than
 * double the cost of a commit; one writer can know them instead, per stream, from when the stream is first appended to.
 */
export const streamHeads = (database: DatabaseSync, places: Places): StreamHeads => {
  const find = database.prepare('SELECT number FROM streams WHERE name = ?');
  const read = database.prepare(`SELECT hash, body ->> '$.id' AS id FROM events WHERE position = ?`);
  let young = new Map<StreamName, StreamHead>();
  let old = new Map<StreamName, StreamHead>();
  let ids = 0;

  const load = (stream: StreamName): StreamHead => {
    const found = find.get(stream);
    const head: StreamHead = {
      number: Number(found?.number ?? 0),
      revision: -1,
      hash: hashBeforeTheFirst,
      revisions: new Map(),
    };
    if (head.number === 0) return head;
    const whole = { after: -1, direction: 'forwards', limit: Number.MAX_SAFE_INTEGER } as const;
    for (const position of places.ofStream(head.number, whole)) {
      const row = read.get(position);
      head.revision += 1;
      head.hash = String(row?.hash);
      head.revisions.set(String(row?.id), head.revision);
    }
    return head;
  };

  const keep = (stream: StreamName, head: StreamHead): StreamHead => {
    if (ids > idsInGeneration) {
      old = young;
      young = new Map();
      ids = 0;
    }
    ids += head.revisions.size + 1;
    young.set(stream, head);
    return head;
  };

  return {
    advance: (head, id, hash) => {
      head.revision += 1;
      head.hash = hash;
      head.revisions.set(id, head.revision);
      ids += 1;
    },
    of: (stream) => young.get(stream) ?? keep(stream, old.get(stream) ?? load(stream)),
    forget: () => {
      young = new Map();
      old = new Map();
      ids = 0;
    },
  };
};
