import { resolve } from 'node:path';
import type { ApiClient, ByteAnswer, ExportFormat } from '@partitura/shared/http';
import { onShutdownSignals, PartituraError } from '@partitura/shared/runtime';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { isDirectory, writeFileWhole, writeStdout } from '../output/write-bytes.ts';
import { inSession } from './serve.ts';

export interface ExportFlags {
  readonly format?: ExportFormat;
  /** A file, or `-` for stdout. */
  readonly output?: string;
  readonly after?: string;
  readonly formulas?: 'escape' | 'keep';
}

const known: readonly ExportFormat[] = ['ndjson', 'csv', 'parquet'];

/** As it was said, or as the file's name has it. */
const formatOf = ({ format, output = '' }: ExportFlags): ExportFormat =>
  format ?? known.find((one) => output.endsWith(`.${one}`)) ?? 'ndjson';

const download = (
  client: ApiClient,
  model: string,
  { after, formulas }: ExportFlags,
  format: ExportFormat,
  signal: AbortSignal,
): Promise<ByteAnswer> => {
  const query = after === undefined ? {} : { after };
  const csv = { ...query, ...(formulas === undefined ? {} : { formulas }) };
  // What the audit says is for those who may read it, and has routes of its own.
  if (model === 'audit') {
    if (format === 'csv') return client.download('exportAuditCsv', { query: csv }, { signal });
    const name = format === 'parquet' ? 'exportAuditParquet' : 'exportAuditNdjson';
    return client.download(name, { query }, { signal });
  }
  const params = { model };
  if (format === 'csv') return client.download('exportCsv', { params, query: csv }, { signal });
  const name = format === 'parquet' ? 'exportParquet' : 'exportNdjson';
  return client.download(name, { params, query }, { signal });
};

/** Runs until the reader has had enough: Ctrl-C leaves nothing half written. */
const interruptible = async (
  { signals }: Context,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  const takeOff = onShutdownSignals(signals, { graceful: stop, immediate: stop });
  try {
    return await work(enough.signal);
  } catch (error) {
    if (enough.signal.aborted) return exitCodes.interrupted;
    throw error;
  } finally {
    takeOff();
  }
};

/** Null for stdout. @throws {PartituraError} `USAGE` */
const pathOf = async (target: string, { workingDirectory }: Context): Promise<string | null> => {
  if (target === '-') return null;
  const path = resolve(workingDirectory, target);
  if (!(await isDirectory(path))) return path;
  throw new PartituraError('USAGE', `${target} is a directory.`, { advice: 'Name a file in it.' });
};

const nextOne = (position: string): string =>
  `position ${position}: what is new after that comes with --after ${position}`;

/** Where stdout has the export, people are told on stderr. */
const toStdout = async ({ output }: Context, { headers, bytes }: ByteAnswer, signal: AbortSignal) => {
  await writeStdout(bytes, process.stdout, signal);
  output.warn(nextOne(headers?.['partitura-position'] ?? ''));
};

const toFile = async (
  { output }: Context,
  { headers, bytes }: ByteAnswer,
  said: { readonly model: string; readonly format: ExportFormat; readonly file: string },
  signal: AbortSignal,
): Promise<void> => {
  const written = await writeFileWhole(said.file, bytes, signal);
  const position = headers?.['partitura-position'] ?? '';
  const schemaVersion = Number(headers?.['partitura-schema-version']);
  output.result({ ...said, bytes: written, position, schemaVersion }, () => [
    `${said.file}  ${written} bytes`,
    nextOne(position),
  ]);
};

/** `export MODEL`: a file, whole or not at all, and up to where it goes. */
export const exportTo = (model: string, flags: ExportFlags, context: Context) =>
  inSession(context, 'look', ({ client }) =>
    interruptible(context, async (signal) => {
      const format = formatOf(flags);
      const file = await pathOf(flags.output ?? `${model}.${format}`, context);
      const answer = await download(client, model, flags, format, signal);
      if (file === null) await toStdout(context, answer, signal);
      else await toFile(context, answer, { model, format, file }, signal);
      return exitCodes.done;
    }),
  );

/** `export` without a model: what there is. */
export const listExports = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const page = await client.call('listExports', {});
    const width = Math.max(...page.items.map(({ model }) => model.length));
    context.output.result(page, () =>
      page.items.map(({ model, title }) => `${model.padEnd(width)}  ${title}`),
    );
    return exitCodes.done;
  });
