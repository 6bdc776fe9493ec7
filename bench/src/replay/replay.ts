import type { Benchmark } from '../benchmark.ts';
import { keptDirectory } from '../temporary-directory.ts';
import { fillRaw, replayRaw } from './raw-sqlite.ts';
import { events, fillStore, replayStore } from './through-store.ts';

let directory: string | null = null;

/** Both logs are written once; the rounds only read. */
const prepared = async (): Promise<string> => {
  if (directory) return directory;
  const made = keptDirectory();
  directory = made;
  await fillStore(made);
  fillRaw(made);
  return made;
};

export const replay: Benchmark = {
  name: 'replay',
  unit: 'events/s',
  method: `${events.toLocaleString('en')} events read from the file in the store's order and folded into a read model; the limit is node:sqlite, JSON.parse and the same fold.`,
  target: { kind: 'share', atLeast: 0.7 },
  rounds: 9,
  round: async (index) => {
    const path = await prepared();
    if (index % 2 === 0) {
      const ours = await replayStore(path);
      return { ours, limit: await replayRaw(path) };
    }
    const limit = await replayRaw(path);
    return { ours: await replayStore(path), limit };
  },
};
