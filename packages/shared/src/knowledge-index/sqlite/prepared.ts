import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Statements of one database. */
export type Prepared = (sql: string) => StatementSync;

/** Compiles each text once: there are few of them, and a search took as long to compile as to run. */
export const preparedOnce = (database: DatabaseSync): Prepared => {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
};
