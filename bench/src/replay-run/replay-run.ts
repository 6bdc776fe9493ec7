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
const width = 100;
/** As a quick model answers: what a run takes is mostly that. */
const modelMs = 2_000;

let recorded: Promise<string> | null = null;

/** One run, played once, by the real orchestrator and runner. */
const record = async (): Promise<string> => {
  const directory = keptDirectory();
  const tasks = layeredTasks(layers, width);
  const { completed } = await runSwarm({ directory, tasks, maxAgents: width, modelMs });
  if (completed !== layers * width) throw new Error('The swarm did not complete its tasks.');
  return directory;
};

/** From the first to the last event, in milliseconds. */
const durationOf = (parts: readonly ReplayPart[]): number => {
  const times = parts.flatMap(({ from, to }) => (from && to ? [Date.parse(from), Date.parse(to)] : []));
  return Math.max(...times) - Math.min(...times);
};

export const replayRuns: Benchmark = {
  name: 'replay-run',
  unit: 'events/s',
  method:
    'A run of 1,000 tasks in 10 layers of 100, its model taking 2 s an answer, decided once more from its file: the run and its agents, every question put together again. Beside it: how many times as fast as it was.',
  target: { kind: 'at_least', value: 10_000 },
  rounds: 5,
  round: async () => {
    recorded ??= record();
    const directory = await recorded;
    const store = openSqliteEventStore({ path: join(directory, 'events.db') });
    const blobs = await openEmbeddedBlobStore({ directory: join(directory, 'blobs') });
    const begun = performance.now();
    const until = await store.head();
    const events = await recordedRun(store, 'r_bench', until, { organizationId: null });
    const parts = [
      await replayRun({ store, blobs }, 'r_bench', events, until),
      await replayAgents({ store, blobs }, 'r_bench', events, until),
    ];
    const milliseconds = performance.now() - begun;
    await blobs.close();
    await store.close();
    if (parts.some(({ divergence }) => divergence !== null)) throw new Error('The replay differs.');
    const replayed = parts.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count.events, 0);
    const recordedMs = durationOf(parts);
    return {
      ours: replayed / (milliseconds / 1_000),
      limit: null,
      beside: {
        events: replayed,
        recordedMs,
        replayMs: milliseconds,
        timesAsFast: recordedMs / milliseconds,
      },
    };
  },
};
