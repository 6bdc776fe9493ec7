import type { Job, JobQueue } from '@partitura/shared/job-queue';
import type { Clock } from '@partitura/shared/runtime';
import { outstandingQueues } from '../reactors/outstanding.ts';

export type QueueName = (typeof outstandingQueues)[number];
export type JobsByQueue = Readonly<Record<QueueName, readonly Job[]>>;

export interface Refill {
  /** What was put on the queue now. */
  remember(jobs: JobsByQueue): void;
  /** How many jobs each queue has: to be called before the runs are looked at. */
  count(): Promise<Readonly<Record<QueueName, number>>>;
  /**
   * Puts jobs on the queue that must be there and are not. `waitedFor` is what runs wait for now; what they waited for at the last
   * call and still do must have been on the queue when it was counted, waiting or at work, because a worker tells of its end before
   * it lets a job go. Answers how many were put there.
   */
  compare(
    counted: Readonly<Record<QueueName, number>>,
    waitedFor: JobsByQueue,
    lookAgain: () => Promise<JobsByQueue>,
  ): Promise<number>;
}

/** What a worker has told is not in the run yet: so long at the most, or jobs are offered in vain, which is harmless. */
const settleMs = 1_000;

/**
 * Nobody can ask a queue whether it has a job, only how many there are. Everything on it is what some run waits for, or nearly so:
 * when there are fewer, some are lost, as after a Redis that was wiped, and all are offered again. An id that waits or works
 * changes nothing.
 */
export const refill = (queue: JobQueue, clock: Clock, signal: AbortSignal): Refill => {
  let before: Readonly<Record<QueueName, ReadonlySet<string>>> | null = null;

  const standing = (name: QueueName, jobs: readonly Job[]): readonly Job[] =>
    before === null ? [] : jobs.filter(({ id }) => before?.[name].has(id));

  const offer = async (name: QueueName, counted: number, waitedFor: JobsByQueue): Promise<number> => {
    const jobs = standing(name, waitedFor[name]);
    if (counted >= jobs.length) return 0;
    await queue.enqueue(name, jobs);
    return jobs.length;
  };

  const remember = ({ plan, attempts }: JobsByQueue): void => {
    before = { plan: idsOf(plan), attempts: idsOf(attempts) };
  };

  return {
    remember,
    count: async () => {
      const [plan, attempts] = await Promise.all(
        outstandingQueues.map(async (name) => {
          const { waiting, delayed, active } = await queue.counts(name);
          return waiting + delayed + active;
        }),
      );
      return { plan: plan ?? 0, attempts: attempts ?? 0 };
    },
    compare: async (counted, waitedFor, lookAgain) => {
      const isShort = outstandingQueues.some(
        (name) => counted[name] < standing(name, waitedFor[name]).length,
      );
      let now = waitedFor;
      let offered = 0;
      if (isShort) {
        await clock.sleep(settleMs, signal);
        now = await lookAgain();
        for (const name of outstandingQueues) offered += await offer(name, counted[name], now);
      }
      remember(now);
      return offered;
    },
  };
};

const idsOf = (jobs: readonly Job[]): ReadonlySet<string> => new Set(jobs.map(({ id }) => id));
