import { join } from 'node:path';
import { replayAgents } from '@partitura/agent-runner';
import { replayRun } from '@partitura/orchestrator';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { type ReplayPart, recordedRun } from '@partitura/shared/replaying';
import type { Benchmark } from '../benchmark.ts';
import { layeredTasks } from '../swarm/plan.ts';
import { runSwarm } from '../swarm/run-swarm.ts';
import { keptDirectory } from '../temporary-directory.ts';

const layers = 10;
/** As a quick model answers: what a run takes is mostly that. */
const modelMs = 2_000;

/** One run, played once, by the real orchestrator and runner. */
const record = async (width: number): Promise<string> => {
  const directory = keptDirectory();
  const tasks = layeredTasks(layers, width);
  const { completed } = await runSwarm({ directory, tasks, maxAgents: width, modelMs });
  if (completed !== layers * width) throw new Error('The swarm did not complete its tasks.');
  return directory;
};

const recordings = new Map<number, Promise<string>>();

/** The directory of a run in which so many agents were at work at once. */
const recordedBy = (width: number): Promise<string> => {
  const known = recordings.get(width) ?? record(width);
  recordings.set(width, known);
  return known;
};

/** From the first to the last event, in milliseconds. */
const durationOf = (parts: readonly ReplayPart[]): number => {
  const times = parts.flatMap(({ from, to }) => (from && to ? [Date.parse(from), Date.parse(to)] : []));
  return Math.max(...times) - Math.min(...times);
};

interface Replay {
  readonly events: number;
  readonly recordedMs: number;
  readonly replayMs: number;
}

const replayed = async (directory: string): Promise<Replay> => {
  const store = openSqliteEventStore({ path: join(directory, 'events.db') });
  const blobs = await openEmbeddedBlobStore({ directory: join(directory, 'blobs') });
  const begun = performance.now();
  const until = await store.head();
  const run = await recordedRun(store, 'r_bench', until, { organizationId: null });
  const parts = [
    await replayRun({ store, blobs }, 'r_bench', run, until),
    await replayAgents({ store, blobs }, 'r_bench', run, until),
  ];
  const replayMs = performance.now() - begun;
  await blobs.close();
  await store.close();
  if (parts.some(({ divergence }) => divergence !== null)) throw new Error('The replay differs.');
  const events = parts.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count.events, 0);
  return { events, recordedMs: durationOf(parts), replayMs };
};

export const replayRuns: Benchmark = {
  name: 'replay-run',
  unit: 'events/s',
  method:
    'A run of 1,000 tasks in 10 layers of 100, its model taking 2 s an answer, decided once more from its file: the run and its agents, every question put together again. Beside it: how many times as fast as it was.',
  target: { kind: 'at_least', value: 10_000 },
  rounds: 5,
  round: async () => {
    const { events, recordedMs, replayMs } = await replayed(await recordedBy(100));
    const timesAsFast = recordedMs / replayMs;
    return {
      ours: events / (replayMs / 1_000),
      limit: null,
      beside: { events, recordedMs, replayMs, timesAsFast },
    };
  },
};

export const replaySpeed: Benchmark = {
  name: 'replay-speed',
  unit: 'times as fast',
  method:
    'A run of 40 tasks with 4 agents at once, its model taking 2 s an answer, decided once more from its file; beside it what it took when it was recorded, and now. The more agents waited at once, the less a replay can gain: see replay-run for 100.',
  target: { kind: 'at_least', value: 100 },
  rounds: 5,
  round: async () => {
    const { events, recordedMs, replayMs } = await replayed(await recordedBy(4));
    return { ours: recordedMs / replayMs, limit: null, beside: { events, recordedMs, replayMs } };
  },
};
