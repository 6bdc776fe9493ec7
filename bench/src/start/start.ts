import type { Benchmark } from '../benchmark.ts';
import { events, fillStore } from '../replay/through-store.ts';
import { keptDirectory, withTemporaryDirectory } from '../temporary-directory.ts';
import { timeToReady } from './up.ts';

const target = { kind: 'at_most', value: 1_000 } as const;

export const start: Benchmark = {
  name: 'start',
  unit: 'ms',
  method: '`partitura up` as a process, from the launcher to ready, on an empty data directory.',
  target,
  rounds: 9,
  round: async () => ({
    ours: await withTemporaryDirectory((directory) => timeToReady(directory, false)),
    limit: null,
  }),
};

let filled: string | null = null;

/** The log is written once, and read once into the read models. */
const prepared = async (): Promise<string> => {
  if (filled) return filled;
  const made = keptDirectory();
  filled = made;
  await fillStore(made);
  await timeToReady(made, true);
  return made;
};

export const startWithLog: Benchmark = {
  name: 'start-with-log',
  unit: 'ms',
  method: `The same with ${events.toLocaleString('en')} events in the log.`,
  target,
  rounds: 9,
  round: async () => ({ ours: await timeToReady(await prepared(), false), limit: null }),
};
