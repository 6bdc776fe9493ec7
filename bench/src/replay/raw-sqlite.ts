import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asPosition, type RecordedEvent } from '@partitura/shared/events';
import { attemptEvent, attemptStream } from '../workload.ts';
import { emptyOverview, evolve } from './reducer.ts';
import { events, streams } from './through-store.ts';

const open = (directory: string) => new DatabaseSync(join(directory, 'raw.db'));

/** The same events as JSON in the same order, with all that a recorded event has. */
export const fillRaw = (directory: string): void => {
  const database = open(directory);
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE events (position INTEGER PRIMARY KEY, body TEXT NOT NULL); BEGIN',
  );
  const insert = database.prepare('INSERT INTO events (body) VALUES (?)');
  const batch = 20;
  for (let index = 0; index < events; index += 1) {
    const stream = Math.floor(index / batch) % streams;
    const revision = Math.floor(index / (batch * streams)) * batch + (index % batch);
    const recorded = {
      ...attemptEvent(stream, revision),
      stream: attemptStream(stream),
      revision,
      position: asPosition(String(index + 1).padStart(16, '0')),
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    } satisfies RecordedEvent;
    insert.run(JSON.stringify(recorded));
  }
  database.exec('COMMIT');
  database.close();
};

/** The least that reads a log: row by row, JSON.parse, fold. */
export const replayRaw = async (directory: string): Promise<number> => {
  const start = performance.now();
  const database = open(directory);
  const select = database.prepare('SELECT body FROM events ORDER BY position');
  select.setReturnArrays(true);
  let overview = emptyOverview();
  const rows: Iterable<unknown> = select.iterate();
  for (const row of rows) {
    const [body] = row as readonly [string];
    overview = evolve(overview, JSON.parse(body));
  }
  const seconds = (performance.now() - start) / 1_000;
  database.close();
  if (overview.attempts.size !== streams)
    throw new Error(`Folded ${overview.attempts.size} streams of ${streams}.`);
  return events / seconds;
};
