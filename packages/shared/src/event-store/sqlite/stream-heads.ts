import type { DatabaseSync } from 'node:sqlite';
import type { StreamName } from '../../events/index.ts';
import {
  emptyStream,
  type StreamHead as Remembered,
  type RememberedStreams,
  rememberedStreams,
} from '../remembered-streams.ts';
import type { Places } from './places.ts';

export interface StreamHead extends Remembered {
  /** 0 until the stream has its first event. */
  number: number;
}

export type StreamHeads = RememberedStreams<StreamHead>;

/**
 * Streams that are appended to, as they stand. An index over event ids would dirty a page of the file per event and more than
 * double the cost of a commit; one writer can know them instead, per stream, from when the stream is first appended to. After a
 * rollback they are forgotten: the database has the truth.
 */
export const streamHeads = (database: DatabaseSync, places: Places): StreamHeads => {
  const find = database.prepare('SELECT number FROM streams WHERE name = ?');
  const read = database.prepare(`SELECT hash, body ->> '$.id' AS id FROM events WHERE position = ?`);

  const load = (stream: StreamName): StreamHead => {
    const found = find.get(stream);
    const head: StreamHead = { ...emptyStream(), number: Number(found?.number ?? 0) };
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

  return rememberedStreams(load);
};
