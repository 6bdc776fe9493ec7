import { examineSqliteLog, openToLook } from '../event-store/index.ts';
import type { RunId } from '../events/index.ts';
import { sqliteWitness } from './sqlite-witness.ts';
import { type LogVerdict, verifyLog } from './verify-log.ts';
import { verifyRunIn } from './verify-run.ts';
import type { Witness } from './witness.ts';

export interface LocalLog {
  /** Files. */
  readonly events: string;
  readonly readModels: string;
}

/**
 * Verifies a log that no process has open, by its files alone: nothing is started on it and nothing is written. A log that cannot be
 * opened is a finding like any other.
 */
export const verifyLocalLog = (log: LocalLog, trusted: ReadonlySet<string>): Promise<LogVerdict> =>
  withWitness(log, (witness) =>
    verifyLog({ pages: examineSqliteLog(log.events), trusted, witness, atRest: true }),
  );

/** The same of one of its runs. */
export const verifyLocalRun = (log: LocalLog, runId: RunId): Promise<LogVerdict> =>
  withWitness(log, (witness) => verifyRunIn(examineSqliteLog(log.events), runId, witness));

const withWitness = async (
  { readModels }: LocalLog,
  verify: (witness: Witness | null) => Promise<LogVerdict>,
): Promise<LogVerdict> => {
  const opened = openToLook(readModels);
  try {
    return await verify('database' in opened ? sqliteWitness(opened.database) : null);
  } finally {
    if ('database' in opened) opened.database.close();
  }
};

/** The runs that a log has, newest first; null where it cannot be read. */
export const runsInLocalLog = ({ events }: LocalLog): readonly string[] | null => {
  const opened = openToLook(events);
  if ('failure' in opened) return null;
  try {
    const names = opened.database.prepare('SELECT name FROM streams ORDER BY number DESC').all();
    return names.flatMap(({ name }) => /^run-(.+)$/.exec(String(name))?.[1] ?? []);
  } catch {
    // What is wrong with it is for the verification to say.
    return null;
  } finally {
    opened.database.close();
  }
};
