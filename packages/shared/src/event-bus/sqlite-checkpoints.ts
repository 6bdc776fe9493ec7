import { DatabaseSync } from 'node:sqlite';
import { asPosition, type Position } from '../events/index.ts';
import { CheckpointConflictError, type CheckpointStore } from './checkpoints.ts';

export interface SqliteCheckpoints extends CheckpointStore {
  /** Closes the file, if it was opened here. */
  close(): void;
}

/**
 * Checkpoints in a SQLite file of their own (a path), or beside the effects they stand for (an open database).
 *
 * A file of their own is written without waiting for the disk: a crash of the process loses nothing, and a power cut can at
 * worst bring an older checkpoint back, which means events handled again. The log itself is synced, so a checkpoint never
 * survives the events it speaks of.
 */
export const sqliteCheckpoints = (target: string | DatabaseSync): SqliteCheckpoints => {
  const database = typeof target === 'string' ? open(target) : target;
  database.exec(
    'CREATE TABLE IF NOT EXISTS checkpoints (consumer TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT, WITHOUT ROWID',
  );
  const find = database.prepare('SELECT position FROM checkpoints WHERE consumer = ?');
  const begin = database.prepare(
    'INSERT INTO checkpoints (consumer, position) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const move = database.prepare('UPDATE checkpoints SET position = ? WHERE consumer = ? AND position = ?');

  const load = (group: string): Position | null => {
    const position = find.get(group)?.position;
    return typeof position === 'string' ? asPosition(position) : null;
  };

  return {
    load: async (group) => load(group),
    advance: async (group, from, to) => {
      const { changes } = from === null ? begin.run(group, to) : move.run(to, group, from);
      if (Number(changes) !== 1) throw new CheckpointConflictError(group, from, load(group));
    },
    close: () => {
      if (typeof target === 'string' && database.isOpen) database.close();
    },
  };
};

const open = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
  return database;
};
