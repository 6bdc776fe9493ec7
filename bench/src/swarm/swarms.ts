import { join } from 'node:path';
import type { Benchmark, Round } from '../benchmark.ts';
import { resultOf } from '../child-process.ts';
import type { Swarm } from './process.ts';

const tasks = 1_000;
/** The last one is measured: a server is not in its first second. What the first one took stands beside it. */
const swarmsInProcess = 4;

const inProcessOfItsOwn = async (
  layers: number,
  agents: number,
  modelMs: number,
): Promise<{ first: Swarm; last: Swarm }> => {
  const parameters = [swarmsInProcess, layers, tasks / layers, agents, modelMs];
  const results = (await resultOf(join(import.meta.dirname, 'process.ts'), parameters)) as readonly Swarm[];
  const [first, last] = [results[0], results.at(-1)];
  if (!first || !last || results.some(({ completed }) => completed !== tasks))
    throw new Error('A swarm did not complete its tasks.');
  return { first, last };
};

/** In whole microseconds. */
const percentile95 = (milliseconds: readonly number[]): number => {
  const sorted = milliseconds.toSorted((left, right) => left - right);
  return Math.round((sorted[Math.floor(sorted.length * 0.95)] ?? 0) * 1_000);
};

const perSecond = ({ durationMs }: Swarm): number => tasks / (durationMs / 1_000);

export const orchestrate: Benchmark = {
  name: 'orchestrate',
  unit: 'tasks/s',
  method:
    '1,000 no-op tasks in 10 layers of 100, each depending on 3 of the layer before, 100 at once; every event synced (WAL, synchronous=FULL). The fourth such run of a process; the first one stands beside it.',
  target: { kind: 'at_least', value: 8_000 },
  rounds: 7,
  round: async (): Promise<Round> => {
    const { first, last } = await inProcessOfItsOwn(10, 100, 0);
    return {
      ours: perSecond(last),
      limit: null,
      beside: {
        'first run tasks/s': perSecond(first),
        'first run MiB': first.maxRssMiB,
        MiB: last.maxRssMiB,
        'dispatch p95 µs': percentile95(last.dispatchMs),
      },
    };
  },
};

const modelMs = 100;

export const wait: Benchmark = {
  name: 'wait',
  unit: 'ms',
  method:
    '1,000 agents at once, each asking a model that takes 100 ms; what the run takes beyond these 100 ms. The fourth such run of a process; the first one stands beside it.',
  target: { kind: 'at_most', value: 100 },
  rounds: 7,
  round: async (): Promise<Round> => {
    const { first, last } = await inProcessOfItsOwn(1, tasks, modelMs);
    return {
      ours: last.durationMs - modelMs,
      limit: null,
      beside: {
        'first run ms': first.durationMs - modelMs,
        'first run MiB': first.maxRssMiB,
        MiB: last.maxRssMiB,
      },
    };
  },
};
