import type { DatabaseSync } from 'node:sqlite';
import type { CollectionDefinition } from '../port.ts';
import { quoted } from './database.ts';

/** `tasks@2.0`: one table per build, so that one is dropped without a trace of the others. */
export const tableOf = ({ name, version, generation }: CollectionDefinition): string =>
  quoted(`${name}@${version}.${generation}`);

/** The indexed field as a column of its own. */
export const columnOf = (field: string): string => (field === 'id' ? 'id' : quoted(`field_${field}`));

/**
 * The document is the row; what is asked for by is a virtual column of it, kept in the index alone. A definition that gained an
 * index since the table was made gets it here.
 */
export const createTable = (database: DatabaseSync, collection: CollectionDefinition): void => {
  const table = tableOf(collection);
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  );
  const columns = new Set(
    database
      .prepare(`PRAGMA table_xinfo(${table})`)
      .all()
      .map(({ name }) => quoted(String(name))),
  );
  const fields = new Set(collection.indexes.flat().filter((field) => field !== 'id'));
  for (const field of fields) {
    const column = columnOf(field);
    if (columns.has(column)) continue;
    const path = `'$.${quoted(field).replaceAll("'", "''")}'`;
    database.exec(
      `ALTER TABLE ${table} ADD COLUMN ${column} ANY GENERATED ALWAYS AS (json_extract(document, ${path})) VIRTUAL`,
    );
  }
  for (const index of collection.indexes) {
    const name = quoted(
      `${collection.name}@${collection.version}.${collection.generation} by ${index.join(', ')}`,
    );
    const list = [...index.filter((field) => field !== 'id'), 'id'].map(columnOf).join(', ');
    database.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${list})`);
  }
};
