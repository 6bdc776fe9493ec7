import type { Benchmark } from '../benchmark.ts';
import { withTemporaryDirectory } from '../temporary-directory.ts';
import { appendRaw } from './raw-sqlite.ts';
import { appendThroughStore } from './through-store.ts';

/** In turns, so that neither side always runs on a warmer machine. */
export const append: Benchmark = {
  name: 'append',
  unit: 'events/s',
  method:
    '32 producers, 1,000 streams, 20,000 events with expected revisions, one event an append, fsynced (WAL, synchronous=FULL); the limit is node:sqlite in groups of 32 with the same durability.',
  target: { kind: 'share', atLeast: 0.8 },
  rounds: 9,
  round: async (index) => {
    const measureOurs = () => withTemporaryDirectory(appendThroughStore);
    const measureLimit = () => withTemporaryDirectory(appendRaw);
    if (index % 2 === 0) {
      const ours = await measureOurs();
      return { ours, limit: await measureLimit() };
    }
    const limit = await measureLimit();
    return { ours: await measureOurs(), limit };
  },
};
