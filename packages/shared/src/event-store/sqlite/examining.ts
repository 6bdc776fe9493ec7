import type { DatabaseSync } from 'node:sqlite';
import type { ExaminedPage, StorageFinding } from '../port.ts';
import { examineFile } from './examine-file.ts';
import { examineIndexes } from './examine-indexes.ts';
import { examineRows } from './examine-rows.ts';
import { openToLook } from './open-to-look.ts';
import { ofFile } from './storage-findings.ts';
import { damagedFrames } from './wal-check.ts';

/**
 * Reads the file of a log as it is, whatever has become of it, and writes nothing: no repair, no schema, no checkpoint. What cannot be
 * read is a finding, and what stands behind it is read all the same.
 */
export async function* examineSqliteLog(path: string): AsyncGenerator<ExaminedPage> {
  const findings = walFindings(path);
  if (findings.length > 0) yield { events: [], findings };
  yield* examineOpened(path, openToLook(path));
}

/** The same of a file that is being written to; its write-ahead log is for whoever writes it to look at. */
export const examineFileInUse = (path: string): AsyncGenerator<ExaminedPage> =>
  examineOpened(path, openToLook(path, { inUse: true }));

/** Of the write-ahead log of this file. */
export const walFindings = (path: string): readonly StorageFinding[] =>
  attempt(() => damagedFrames(`${path}-wal`).map(ofFile), 'The write-ahead log cannot be read');

async function* examineOpened(
  path: string,
  opened: ReturnType<typeof openToLook>,
): AsyncGenerator<ExaminedPage> {
  if ('failure' in opened) {
    yield { events: [], findings: [ofFile(`The log ${path} cannot be opened: ${opened.failure}.`)] };
    return;
  }
  try {
    yield* examineDatabase(opened.database, path);
  } finally {
    opened.database.close();
  }
}

/** The same through a connection that is open. */
export async function* examineDatabase(database: DatabaseSync, path: string): AsyncGenerator<ExaminedPage> {
  const findings = attempt(() => examineFile(database), `${path} cannot be read`);
  if (findings.length > 0) yield { events: [], findings };
  try {
    yield* examineRows(database);
  } catch (error) {
    yield { events: [], findings: [ofFile(`Its events cannot be read: ${messageOf(error)}.`)] };
  }
  const indexes = attempt(() => examineIndexes(database), 'The indexes of the log cannot be read');
  if (indexes.length > 0) yield { events: [], findings: indexes };
}

const attempt = (work: () => readonly StorageFinding[], otherwise: string): readonly StorageFinding[] => {
  try {
    return work();
  } catch (error) {
    return [ofFile(`${otherwise}: ${messageOf(error)}.`)];
  }
};

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
