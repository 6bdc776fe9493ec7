import { append } from './append/append.ts';
import type { Benchmark } from './benchmark.ts';
import { replay } from './replay/replay.ts';

/** In the order they run. A new one is added here. */
export const benchmarks: readonly Benchmark[] = [append, replay];
