import type { DatabaseSync } from 'node:sqlite';
import type { StorageFinding } from '../port.ts';
import { applicationId, schemaVersion } from './database.ts';
import { ofFile } from './storage-findings.ts';

/** More of the same says nothing new. */
const mostFindings = 20;

/** SQLite's own look at its file, and what the file says of itself. */
export const examineFile = (database: DatabaseSync): readonly StorageFinding[] => [
  ...integrity(database),
  ...header(database),
];

const integrity = (database: DatabaseSync): readonly StorageFinding[] => {
  const lines = database
    .prepare(`PRAGMA integrity_check(${mostFindings})`)
    .all()
    .map((row) => String(Object.values(row)[0]));
  return lines
    .filter((line) => line !== 'ok')
    .map((line) => ofFile(`SQLite finds its file damaged: ${line}.`));
};

const expected: readonly (readonly [pragma: string, value: number | string])[] = [
  ['application_id', applicationId],
  ['user_version', schemaVersion],
  ['encoding', 'UTF-8'],
];

const header = (database: DatabaseSync): readonly StorageFinding[] =>
  expected.flatMap(([name, value]) => {
    const found = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    return found === value
      ? []
      : [ofFile(`The header of the log has ${name} ${String(found)} instead of ${value}.`)];
  });
