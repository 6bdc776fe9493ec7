import type { DatabaseSync } from 'node:sqlite';
import type { StorageFinding } from '../port.ts';
import { oneLook } from './one-look.ts';
import { atPosition, ofFile } from './storage-findings.ts';

const mostFindings = 20;

const tables: readonly (readonly [name: string, columns: string, condition: string])[] = [
  ['by_stream', 'stream, revision, position', 'true'],
  ['by_kind', 'kind, position', 'true'],
  ['by_run', 'run, position, kind', 'run IS NOT NULL'],
];

/**
 * The tables that follow the log have to say what the log says, as far as they say that they have come: else reads leave events out. All as of one
 * moment: while it is looked at, somebody may write.
 */
export const examineIndexes = (database: DatabaseSync): readonly StorageFinding[] =>
  oneLook(database)(() => compared(database));

const compared = (database: DatabaseSync): readonly StorageFinding[] => {
  const reach = database.prepare('SELECT position FROM indexed').all();
  const upTo = Number(reach[0]?.position);
  if (reach.length !== 1 || !Number.isSafeInteger(upTo))
    return [ofFile('How far the indexes of the log have come is not to be found out.')];
  return tables.flatMap(([name, columns, condition]) => {
    const indexed = `SELECT ${columns} FROM ${name}`;
    const logged = `SELECT ${columns} FROM events WHERE position <= ${upTo} AND ${condition}`;
    return [
      ...differences(database, `${logged} EXCEPT ${indexed}`, `is not in the index ${name}`),
      ...differences(
        database,
        `${indexed} EXCEPT ${logged}`,
        `is in the index ${name}, and not so in the log`,
      ),
    ];
  });
};

const differences = (database: DatabaseSync, sql: string, what: string): readonly StorageFinding[] =>
  database
    .prepare(`SELECT position FROM (${sql}) ORDER BY position LIMIT ${mostFindings}`)
    .all()
    .map(({ position }) => atPosition(Number(position), `The event at this position ${what}.`));
