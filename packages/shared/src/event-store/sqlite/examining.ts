import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { ExaminedPage, StorageFinding } from '../port.ts';
import { examineFile } from './examine-file.ts';
import { examineIndexes } from './examine-indexes.ts';
import { examineRows } from './examine-rows.ts';
import { ofFile } from './storage-findings.ts';
import { walFindings } from './wal-check.ts';

/**
 * Reads the file of a log as it is, whatever has become of it, and writes nothing: no repair, no schema, no checkpoint. What cannot be
 * read is a finding, and what stands behind it is read all the same.
 */
export async function* examineSqliteLog(path: string): AsyncGenerator<ExaminedPage> {
  const wal = attempt(() => walFindings(`${path}-wal`).map(ofFile), 'The write-ahead log cannot be read');
  if (wal.length > 0) yield { events: [], findings: wal };
  const opened = open(path);
  if ('finding' in opened) {
    yield { events: [], findings: [opened.finding] };
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

const open = (path: string): { readonly database: DatabaseSync } | { readonly finding: StorageFinding } => {
  try {
    // Without a write-ahead log there is nothing that could still be written, and nothing need be made beside the file to read it.
    const name = pathToFileURL(path);
    if (!hasContent(`${path}-wal`)) name.searchParams.set('immutable', '1');
    statSync(path);
    return { database: new DatabaseSync(name, { readOnly: true, timeout: 5_000 }) };
  } catch (error) {
    return { finding: ofFile(`The log ${path} cannot be opened: ${messageOf(error)}.`) };
  }
};

const hasContent = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
