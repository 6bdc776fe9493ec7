import { examineSqliteLog, openToLook } from '../event-store/index.ts';
import { sqliteWitness } from './sqlite-witness.ts';
import { type LogVerdict, verifyLog } from './verify-log.ts';

export interface LocalLog {
  /** Files. */
  readonly events: string;
  readonly readModels: string;
}

/**
 * Verifies a log that no process has open, by its files alone: nothing is started on it and nothing is written. A log that cannot be
 * opened is a finding like any other.
 */
export const verifyLocalLog = async (
  { events, readModels }: LocalLog,
  trusted: ReadonlySet<string>,
): Promise<LogVerdict> => {
  const opened = openToLook(readModels);
  try {
    const witness = 'database' in opened ? sqliteWitness(opened.database) : null;
    return await verifyLog({ pages: examineSqliteLog(events), trusted, witness, atRest: true });
  } finally {
    if ('database' in opened) opened.database.close();
  }
};
