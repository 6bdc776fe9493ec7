import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ServiceProcess } from './service-process.ts';

const report = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.array(z.object({ name: z.string(), problem: z.string().nullable() })).default([]),
});

export interface Health {
  readonly live: number;
  readonly ready: number;
  /** Names of the checks that complain. */
  readonly complaints: readonly string[];
}

const ask = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(10_000) });

/** What a process says of itself. */
export const healthOf = async (url: string): Promise<Health> => {
  const [live, ready] = await Promise.all([ask(`${url}/health/live`), ask(`${url}/health/ready`)]);
  await live.body?.cancel();
  const { checks } = report.parse(await ready.json());
  const complaints = checks.flatMap(({ name, problem }) => (problem === null ? [] : [name]));
  return { live: live.status, ready: ready.status, complaints };
};

/** Resolves when all of them say so. Bounded by the test's own timeout. */
export const untilAll = async (
  processes: readonly ServiceProcess[],
  isSo: (health: Health) => boolean,
): Promise<readonly Health[]> => {
  for (;;) {
    const healths = await Promise.all(processes.map(({ url }) => healthOf(url)));
    if (healths.every(isSo)) return healths;
    await sleep(100);
  }
};
