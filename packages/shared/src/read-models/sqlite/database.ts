import { DatabaseSync } from 'node:sqlite';
import { PartituraError } from '../../runtime/errors.ts';

/** "PRRM", so that a file says whose it is. */
const applicationId = 0x5052524d;
/** Of the layout below. Another one is simply built again: nothing in here is the only copy. */
const layout = 2;

const schema = `
  CREATE TABLE checkpoints (projection TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT;
  CREATE TABLE active_builds (name TEXT PRIMARY KEY, version INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;
`;

/**
 * Opens or creates the file. `synchronous=NORMAL`: this is a cache of the log. A power cut may take the last commits with it, the
 * documents and the checkpoint together; what is missing is then folded again from the older checkpoint. It never takes half
 * of a commit, and it costs no sync per batch.
 * @throws {PartituraError} `READ_MODELS_UNUSABLE`
 */
export const openDatabase = (path: string): DatabaseSync => {
  try {
    const database = new DatabaseSync(path);
    database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -16384;
    `);
    prepareLayout(database);
    return database;
  } catch (error) {
    throw new PartituraError('READ_MODELS_UNUSABLE', `${path} cannot be used for the read models.`, {
      advice: 'It is a cache of the log: move the file away and start again, and it is built anew.',
      cause: error,
    });
  }
};

const prepareLayout = (database: DatabaseSync): void => {
  const owner = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (owner === applicationId && version === layout) return;
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  if (tables.length > 0 && owner !== applicationId) throw new Error('It is a database of something else.');
  for (const { name } of tables) database.exec(`DROP TABLE ${quoted(String(name))}`);
  database.exec(`${schema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${layout};`);
};

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

/** A name as SQL takes it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
