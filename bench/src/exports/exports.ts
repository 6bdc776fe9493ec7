import { join } from 'node:path';
import { startChild } from '../api/child.ts';
import { events, fill } from '../api/reads/fill.ts';
import type { Benchmark, Round } from '../benchmark.ts';
import { keptDirectory } from '../temporary-directory.ts';
import type { Exported } from './exporting.ts';

let directory: string | null = null;

/** Written once; the read models are built by the first server that starts on it. */
const prepared = async (): Promise<string> => {
  if (directory) return directory;
  const made = keptDirectory();
  directory = made;
  await fill(made);
  return made;
};

interface Figures extends Exported {
  /** The same bytes, written plainly. */
  readonly plain: number;
}

const figuresOf = async (format: string): Promise<Figures> => {
  const server = startChild(join(import.meta.dirname, 'exporting.ts'), [await prepared()]);
  try {
    // A server is not in its first second, nor does it collect what it has not made yet.
    await server.ask<Exported>('export', format);
    const ours = await server.ask<Exported>('export', format);
    return { ...ours, plain: await server.ask<number>('write', format) };
  } finally {
    await server.stop();
  }
};

const besideOf = (format: string, { seconds, mebibytes, beforeMiB, peakMiB, plain }: Figures) => ({
  [`${format} MiB/s`]: mebibytes / seconds,
  [`${format} limit MiB/s`]: mebibytes / plain,
  [`${format} rows/s`]: events / seconds,
  [`${format} MiB`]: mebibytes,
  [`${format} memory before`]: beforeMiB,
  [`${format} at the most`]: peakMiB,
});

export const exporting: Benchmark = {
  name: 'exports',
  unit: 'MiB/s',
  method: `${events.toLocaleString('en')} events from the log over HTTP into a file, by a standalone server and its client in one process: NDJSON, and CSV and Parquet beside it. The limit is the same bytes written to a file, in pieces of 64 kB.`,
  target: { kind: 'at_least', value: 20 },
  rounds: 3,
  round: async (): Promise<Round> => {
    const ndjson = await figuresOf('ndjson');
    const [csv, parquet] = [await figuresOf('csv'), await figuresOf('parquet')];
    return {
      ours: ndjson.mebibytes / ndjson.seconds,
      limit: ndjson.mebibytes / ndjson.plain,
      beside: { ...besideOf('ndjson', ndjson), ...besideOf('csv', csv), ...besideOf('parquet', parquet) },
    };
  },
};
