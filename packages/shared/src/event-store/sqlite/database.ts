import { DatabaseSync } from 'node:sqlite';
import { PartituraError } from '../../runtime/errors.ts';
import { storeErrors } from './sqlite-errors.ts';

/** "PRTT", so that a file says whose it is. */
export const applicationId = 0x50525454;
export const schemaVersion = 1;

/**
 * `body` is the event's canonical JSON, written once and exactly what its hash covers. Streams, types and runs are numbers
 * beside it.
 *
 * The `by_` tables are indexes that follow the log at a short distance (see `places.ts`); `indexed` says how far they have
 * come. They can be emptied, with `indexed` set to 0, and come back by themselves.
 */
const schema = `
  CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE kinds (number INTEGER PRIMARY KEY, category TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (category, type)) STRICT;
  CREATE TABLE runs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    run INTEGER,
    hash TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE by_stream (
    stream INTEGER NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (stream, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE by_kind (kind INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (kind, position)) STRICT, WITHOUT ROWID;
  CREATE TABLE by_run (
    run INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (run, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE indexed (position INTEGER NOT NULL) STRICT;
  INSERT INTO indexed VALUES (0);
`;

/**
 * Opens or creates the file. WAL with synchronous=FULL: a commit returns when the log of it is on the disk.
 * @throws {PartituraError} `STORE_*`
 */
export const openDatabase = (path: string): DatabaseSync =>
  storeErrors(path, () => {
    const database = new DatabaseSync(path);
    try {
      database.exec(`
        PRAGMA busy_timeout = 5000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -32768;
      `);
      prepareSchema(database, path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

const prepareSchema = (database: DatabaseSync, path: string): void => {
  database.exec('BEGIN IMMEDIATE');
  const version = pragma(database, 'user_version');
  if (version === 0 && pragma(database, 'application_id') === 0 && isEmpty(database)) {
    database.exec(
      `${schema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion};`,
    );
  } else if (pragma(database, 'application_id') !== applicationId) {
    throw new PartituraError('STORE_NOT_AN_EVENT_STORE', `${path} is a database of something else.`, {
      advice: 'Name another file, or another data directory.',
    });
  } else if (version > schemaVersion) {
    throw new PartituraError(
      'STORE_FROM_NEWER_VERSION',
      `${path} has the layout ${version}; this program knows ${schemaVersion}.`,
      {
        advice: 'Use the newer version of Partitura that wrote it.',
      },
    );
  }
  database.exec('COMMIT');
};

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

const isEmpty = (database: DatabaseSync): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
