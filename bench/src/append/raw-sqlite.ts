import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { attemptEvent, attemptStream } from '../workload.ts';
import { load, type Turn, turnsOf } from './load.ts';

/**
 * The least that could be called an event store: the event's JSON under its stream and revision, which is unique, in groups
 * of as many events as there are producers. No promises, no validation, no hash, no redaction, no way to read by run or type.
 */
export const appendRaw = async (directory: string): Promise<number> => {
  const database = new DatabaseSync(join(directory, 'raw.db'));
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (stream, revision)
    )`);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const insert = database.prepare('INSERT INTO events (stream, revision, body) VALUES (?, ?, ?)');
  const names = Array.from({ length: load.streams }, (_, index) => attemptStream(index));
  const write = ({ stream, sequence }: Turn): void => {
    insert.run(names[stream] ?? '', sequence, JSON.stringify(attemptEvent(stream, sequence)));
  };
  const producers = Array.from({ length: load.producers }, (_, producer) => turnsOf(producer));
  const start = performance.now();
  for (let left = load.events; left > 0; ) {
    begin.run();
    for (const turns of producers) {
      const turn = turns.next();
      if (turn.done === true) continue;
      write(turn.value);
      left -= 1;
    }
    commit.run();
  }
  const seconds = (performance.now() - start) / 1_000;
  database.close();
  return load.events / seconds;
};
