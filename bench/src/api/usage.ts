import { performance } from 'node:perf_hooks';

export interface Usage {
  /** Processor time since the process began, in milliseconds. */
  readonly cpuMs: number;
  /** Wall time, in milliseconds. */
  readonly atMs: number;
  readonly rssMiB: number;
}

const mebibyte = 1024 * 1024;
export const residentMiB = (): number => Math.round(process.memoryUsage.rss() / mebibyte);

/** What the process has used. */
export const usage = (): Usage => {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, atMs: performance.now(), rssMiB: residentMiB() };
};

/** The same at rest: without what the collector would take. */
export const usageAtRest = (): Usage => {
  globalThis.gc?.();
  return usage();
};

/** Percent of one processor between two moments. */
export const percentOfProcessor = (from: Usage, to: Usage): number =>
  ((to.cpuMs - from.cpuMs) / (to.atMs - from.atMs)) * 100;
