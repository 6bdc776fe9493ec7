import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { Delivery, JobQueue, RunningWorker } from '../port.ts';

/** What a job does at each delivery, the last one for ever. */
type Behaviour = 'succeeds' | 'fails' | 'succeeds after a while' | 'hangs until it is taken away';

type Step =
  | { kind: 'enqueue'; job: number; priority: number }
  | { kind: 'crash'; worker: number }
  | { kind: 'close'; worker: number }
  | { kind: 'pass'; turns: number };

const jobs = 12;
const maxDeliveries = 3;

const behaviours = fc.array(
  fc.array(
    fc.constantFrom<Behaviour>('succeeds', 'fails', 'succeeds after a while', 'hangs until it is taken away'),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  { minLength: jobs, maxLength: jobs },
);

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('enqueue' as const),
        job: fc.nat(jobs - 1),
        priority: fc.nat(3),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), worker: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), worker: fc.nat(2) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), turns: fc.integer({ min: 1, max: 3 }) }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

let schedules = 0;

/**
 * Random schedules of work, failures, crashed workers (closed without waiting) and closed ones. Each job is enqueued once at
 * least and, as the log would have it, not again after it is known to have ended. At the end every job was finished or given
 * up exactly once.
 */
export const crashScheduleProperty = (queue: JobQueue, remote: boolean): Promise<void> =>
  fc.assert(
    fc.asyncProperty(behaviours, steps, async (plan, schedule) => {
      schedules += 1;
      await runSchedule({ queue, remote }, `schedule ${schedules}`, plan, schedule);
    }),
    { numRuns: 40 },
  );

const runSchedule = async (
  { queue, remote }: { readonly queue: JobQueue; readonly remote: boolean },
  name: string,
  plan: readonly (readonly Behaviour[])[],
  schedule: readonly Step[],
): Promise<void> => {
  const ended = new Map<string, string[]>();
  const enqueued = new Map<string, number>();
  const begun = new Map<string, number>();
  const atWork = new Map<string, number>();
  let overlaps = 0;
  let calm = false;

  const end = (id: string, how: string) => {
    ended.set(id, [...(ended.get(id) ?? []), how]);
  };

  const perform = async ({ id, delivery, signal }: Delivery): Promise<void> => {
    const own = plan[Number(id)] ?? [];
    const behaviour = own[Math.min(delivery, own.length) - 1];
    if (behaviour === 'fails') throw new Error(`delivery ${delivery} fails`);
    if (behaviour === 'succeeds after a while') await nextTurn();
    if (behaviour === 'hangs until it is taken away' && !calm)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };

  /** An end that was known here does not count any more. */
  const beginsAgain = ({ id, delivery, stalled }: Delivery): boolean => {
    // Its worker crashed after the last step and before the queue knew: the one thing at-least-once means.
    if (stalled) return true;
    // Enqueued again while its end was on its way here: the queue knew of it, and took the id for a new job.
    return delivery === 1 && countUp(begun, id) > 1 && remote;
  };

  const handle = async (delivery: Delivery): Promise<void> => {
    const { id, signal } = delivery;
    if (beginsAgain(delivery)) ended.delete(id);
    const others = atWork.get(id) ?? 0;
    if (others > 0) overlaps += 1;
    atWork.set(id, others + 1);
    const leave = () => atWork.set(id, (atWork.get(id) ?? 1) - 1);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await perform(delivery);
      if (!signal.aborted) end(id, 'finished');
    } finally {
      if (!signal.aborted) leave();
      signal.removeEventListener('abort', leave);
    }
  };

  const startWorker = (): Promise<RunningWorker> =>
    queue.work({
      queue: name,
      concurrency: 2,
      lockMs: 1_000,
      retry: { maxDeliveries, backoffMs: 1, maxBackoffMs: 2 },
      handle,
      onGivenUp: ({ id }) => end(id, 'given up'),
    });

  const enqueue = async (job: number, priority: number) => {
    const id = String(job);
    if (ended.has(id)) return;
    countUp(enqueued, id);
    await queue.enqueue(name, [{ id, payload: null, priority }]);
  };

  const workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
  const replaceWorker = async (index: number, graceMs: number) => {
    await workers[index]?.close(graceMs);
    workers[index] = await startWorker();
  };

  const perStep = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'enqueue':
        return enqueue(step.job, step.priority);
      case 'crash':
        return replaceWorker(step.worker, 0);
      case 'close':
        return replaceWorker(step.worker, 1);
      case 'pass':
        for (let turn = 0; turn < step.turns; turn += 1) await nextTurn();
    }
  };

  for (const step of schedule) await perStep(step);
  // From here on nothing hangs and nothing crashes: what is left has to come to its end.
  calm = true;
  for (const index of workers.keys()) await replaceWorker(index, 0);
  for (let job = 0; job < jobs; job += 1) await enqueue(job, 5);
  while (!(await isEmpty(queue, name))) await nextTurn();
  for (const running of workers) await running.close(60_000);

  expect(ended.size).toBe(jobs);
  expect([...ended.values()].filter((ends) => ends.length !== 1)).toEqual([]);
  expect([...begun].filter(([id, times]) => times > (enqueued.get(id) ?? 0))).toEqual([]);
  expect(overlaps).toBe(0);
};

const countUp = (counts: Map<string, number>, id: string): number => {
  const count = (counts.get(id) ?? 0) + 1;
  counts.set(id, count);
  return count;
};

const isEmpty = async (queue: JobQueue, name: string): Promise<boolean> => {
  const { waiting, delayed, active } = await queue.counts(name);
  return waiting + delayed + active === 0;
};
