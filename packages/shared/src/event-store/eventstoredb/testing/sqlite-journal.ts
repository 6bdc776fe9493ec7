import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Journal, StoredEvent } from './memory-log.ts';

/**
 * Keeps a log in a SQLite file of the directory, synced to the disk with each write. One process at a time: the file stays
 * locked while it is open.
 */
export const sqliteJournal = (directory: string): Journal => {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'log.sqlite'));
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS records (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
      content_type TEXT NOT NULL, data BLOB NOT NULL, metadata BLOB NOT NULL, created TEXT NOT NULL
    ) STRICT;`);
  const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')];
  const insert = database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return {
    load: () => database.prepare('SELECT * FROM records ORDER BY position').iterate().map(storedEvent),
    write: (records) => {
      begin.run();
      for (const { position, stream, revision, id, type, contentType, data, metadata, created } of records)
        insert.run(position, stream, revision, id, type, contentType, data, metadata, created);
      commit.run();
    },
    close: () => database.close(),
  };
};

const storedEvent = (row: Record<string, unknown>): StoredEvent => ({
  id: String(row.id),
  stream: String(row.stream),
  revision: Number(row.revision),
  position: BigInt(Number(row.position)),
  type: String(row.type),
  contentType: String(row.content_type),
  data: bytes(row.data),
  metadata: bytes(row.metadata),
  created: String(row.created),
});

const bytes = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('not the journal of an EventStoreDB test server');
};
