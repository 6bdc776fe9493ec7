import { DatabaseSync } from 'node:sqlite';
import { asOrganizationId } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { KeptSubject, SubjectKeyStore } from './port.ts';

/**
 * Keys of subjects in a SQLite file. What is erased is overwritten with zeros (`secure_delete`), and there is no write-ahead log that
 * would still have it: with a rollback journal, which is deleted, a crash leaves the row as it was or erased, and nothing else in any file.
 * One process at a time: hold the data directory.
 * @throws {PartituraError} `SUBJECT_KEYS_FAILED`
 */
export const openEmbeddedSubjectKeys = ({ path }: { readonly path: string }): SubjectKeyStore => {
  const database = guarded(path, () => open(path));
  const insert = database.prepare(
    'INSERT INTO subjects (id, organization_id, declared_at, secret) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const overwrite = database.prepare(
    'UPDATE subjects SET secret = NULL, erased_at = ? WHERE id = ? AND secret IS NOT NULL',
  );
  const find = database.prepare('SELECT id FROM subjects WHERE id = ?');
  const select = database.prepare(
    'SELECT id, organization_id, declared_at, secret, erased_at FROM subjects ORDER BY id',
  );
  let changes = 0;

  return {
    add: async ({ id, organizationId, declaredAt, secret }) => {
      changes += 1;
      guarded(path, () => insert.run(id, organizationId, declaredAt, secret));
    },
    erase: async (id, erasedAt) => {
      changes += 1;
      guarded(path, () => overwrite.run(erasedAt, id));
      return find.get(id) !== undefined;
    },
    all: async () => guarded(path, () => select.all()).map(subjectIn),
    mark: async () => String(changes),
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
};

const open = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = DELETE;
    PRAGMA synchronous = EXTRA;
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS subjects (
      id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, declared_at TEXT NOT NULL, secret TEXT, erased_at TEXT
    ) STRICT;
  `);
  return database;
};

const subjectIn = (row: Readonly<Record<string, unknown>>): KeptSubject => ({
  id: String(row.id),
  organizationId: asOrganizationId(String(row.organization_id)),
  declaredAt: String(row.declared_at),
  secret: typeof row.secret === 'string' ? row.secret : null,
  erasedAt: typeof row.erased_at === 'string' ? row.erased_at : null,
});

const guarded = <Result>(path: string, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw new PartituraError('SUBJECT_KEYS_FAILED', `The keys of subjects in ${path} cannot be had.`, {
      cause: error,
    });
  }
};
