import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { asPosition, beginning, type Position } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import { CheckpointError } from '../errors.ts';
import type { CollectionDefinition, Document, ProjectionWrite, ReadModels } from '../port.ts';
import { planCount, planQuery, writeCursor } from '../query-plan.ts';
import { openDatabase } from './database.ts';
import { selectCount, selectPage } from './selection.ts';
import { columnOf, createTable, fieldsOf, sortable, tableOf } from './tables.ts';

export interface SqliteReadModelsOptions {
  /** A file, created when it is not there, or `:memory:`. */
  readonly path: string;
}

/**
 * Read models in a SQLite file.
 * @throws {PartituraError} `READ_MODELS_UNUSABLE` when the file cannot be opened
 */
export const openSqliteReadModels = ({ path }: SqliteReadModelsOptions): ReadModels => {
  const database = openDatabase(path);
  const statements = new Map<string, StatementSync>();
  const tables = new Set<string>();
  let closed = false;

  /** Compiled once: a page that is asked for a thousand times is. */
  const prepared = (sql: string): StatementSync => {
    if (closed) throw new PartituraError('READ_MODELS_CLOSED', `The read models in ${path} are closed.`);
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  /** As arrays: an object made for each row is a sixth of what reading a page costs. */
  const pageOf = (sql: string, values: readonly SQLInputValue[]): readonly string[] => {
    const statement = prepared(sql);
    statement.setReturnArrays(true);
    const rows: Iterable<unknown> = statement.all(...values);
    return Array.from(rows, (row) => String(Array.isArray(row) ? row[0] : null));
  };

  const ensure = (collection: CollectionDefinition): string => {
    const table = tableOf(collection);
    if (closed || tables.has(table)) return table;
    createTable(database, collection);
    tables.add(table);
    return table;
  };

  const transaction = <Result>(work: () => Result): Result => {
    prepared('BEGIN IMMEDIATE').run();
    try {
      const result = work();
      prepared('COMMIT').run();
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const positionOf = (projection: string): Position => {
    const row = prepared('SELECT position FROM checkpoints WHERE projection = ?').get(projection);
    return row ? asPosition(String(row.position)) : beginning;
  };

  const writeDocuments = ({ collection, puts, deletes }: ProjectionWrite): void => {
    const table = tableOf(collection);
    const fields = fieldsOf(collection);
    const columns = ['id', 'document', ...fields.map(columnOf)];
    const put = prepared(
      `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    for (const document of puts) {
      const values = fields.map((field) => sortable(Reflect.get(document, field)));
      put.run(document.id, JSON.stringify(document), ...values);
    }
    const remove = prepared(`DELETE FROM ${table} WHERE id = ?`);
    for (const id of deletes) remove.run(id);
  };

  return {
    write: async (projection, writes, { from, to }) => {
      for (const { collection } of writes) ensure(collection);
      transaction(() => {
        const actual = positionOf(projection);
        if (actual !== from) throw new CheckpointError(projection, from, actual);
        for (const write of writes) writeDocuments(write);
        prepared('INSERT OR REPLACE INTO checkpoints (projection, position) VALUES (?, ?)').run(
          projection,
          to,
        );
      });
    },
    checkpoint: async (projection) => positionOf(projection),
    getMany: async (collection, ids) => {
      const select = prepared(`SELECT document FROM ${ensure(collection)} WHERE id = ?`);
      return ids.map((id) => documentOf(select.get(id)));
    },
    find: async (collection, query) => {
      ensure(collection);
      const plan = planQuery(collection, query);
      const { sql, values } = selectPage(collection, plan);
      const rows = pageOf(sql, values);
      const items = rows.slice(0, plan.limit).map((document) => JSON.parse(document) as Document);
      const last = items.at(-1);
      const more = rows.length > plan.limit && last !== undefined;
      return {
        items,
        nextCursor: more
          ? writeCursor(plan.fingerprint, { value: sortable(Reflect.get(last, plan.sortField)), id: last.id })
          : null,
      };
    },
    count: async (collection, where) => {
      ensure(collection);
      const { sql, values } = selectCount(collection, planCount(collection, where));
      return Number(prepared(sql).get(...values)?.count ?? 0);
    },
    drop: async (projection, collections) => {
      // A statement that is still compiled would hold the table.
      statements.clear();
      transaction(() => {
        for (const collection of collections) {
          database.exec(`DROP TABLE IF EXISTS ${tableOf(collection)}`);
          tables.delete(tableOf(collection));
        }
        prepared('DELETE FROM checkpoints WHERE projection = ?').run(projection);
      });
    },
    activate: async (collection) => {
      ensure(collection);
      prepared('INSERT OR REPLACE INTO active_builds (name, version, generation) VALUES (?, ?, ?)').run(
        collection.name,
        collection.version,
        collection.generation,
      );
    },
    activeBuild: async (name) => {
      const row = prepared('SELECT version, generation FROM active_builds WHERE name = ?').get(name);
      return row ? { version: Number(row.version), generation: Number(row.generation) } : null;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      statements.clear();
      database.close();
    },
  };
};

const documentOf = (row: Record<string, unknown> | undefined): Document | undefined =>
  row && (JSON.parse(String(row.document)) as Document);
