import type { DatabaseSync } from 'node:sqlite';
import type { CollectionDefinition } from '../port.ts';
import { wholeIndex } from '../query-plan.ts';
import { quoted } from './database.ts';

/** `tasks@2.0`: one table per build, so that one is dropped without a trace of the others. */
export const tableOf = ({ name, version, generation }: CollectionDefinition): string =>
  quoted(`${name}@${version}.${generation}`);

/** The indexed field as a column of its own. */
export const columnOf = (field: string): string => (field === 'id' ? 'id' : quoted(`field_${field}`));

/** Fields of the document that stand in columns as well. */
export const fieldsOf = ({ indexes }: CollectionDefinition): readonly string[] => [
  ...new Set(indexes.flat().filter((field) => field !== 'id')),
];

/** As a column has it: truth is a number, and what is neither text nor number is not there. */
export const sortable = (value: unknown): string | number | null => {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

/**
 * The document is the row; what is asked for by stands beside it in columns. Virtual columns were smaller, but no index of such covers a
 * query: SQLite looked up, and parsed, each document that it passed over. A definition that gained an index since the table was made
 * gets it here.
 */
export const createTable = (database: DatabaseSync, collection: CollectionDefinition): void => {
  const table = tableOf(collection);
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  );
  const columns = new Set(
    database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => quoted(String(name))),
  );
  for (const field of fieldsOf(collection)) {
    const column = columnOf(field);
    if (columns.has(column)) continue;
    const path = `'$.${quoted(field).replaceAll("'", "''")}'`;
    database.exec(`
      ALTER TABLE ${table} ADD COLUMN ${column} ANY;
      UPDATE ${table} SET ${column} = json_extract(document, ${path})
        WHERE json_type(document, ${path}) NOT IN ('object', 'array');
    `);
  }
  for (const index of collection.indexes) {
    const name = quoted(
      `${collection.name}@${collection.version}.${collection.generation} by ${index.join(', ')}`,
    );
    const list = wholeIndex(index).map(columnOf).join(', ');
    database.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${list})`);
  }
};
