import { feeds } from './api/feeds/feeds.ts';
import { reads } from './api/reads/reads.ts';
import { append } from './append/append.ts';
import type { Benchmark } from './benchmark.ts';
import { exporting } from './exports/exports.ts';
import { fold, history, rebuild, seek } from './past/past.ts';
import { replay } from './replay/replay.ts';
import { replayRuns, replaySpeed } from './replay-run/replay-run.ts';
import { start, startWithLog } from './start/start.ts';
import { orchestrate, wait } from './swarm/swarms.ts';
import { verify } from './verify/verify.ts';

/** In the order they run. A new one is added here. */
export const benchmarks: readonly Benchmark[] = [
  append,
  replay,
  orchestrate,
  wait,
  start,
  startWithLog,
  feeds,
  reads,
  history,
  seek,
  fold,
  rebuild,
  verify,
  exporting,
  replayRuns,
  replaySpeed,
];
