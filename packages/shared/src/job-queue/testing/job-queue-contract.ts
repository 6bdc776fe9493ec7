import { describe, expect, it } from '@jest/globals';
import { type Deferred, deferred, recorder } from '../../runtime/testing/index.ts';
import { jobHandedBack } from '../handing-back.ts';
import type { Delivery, JobQueue, RetryPolicy, RunningWorker, WorkerOptions } from '../port.ts';
import { crashScheduleProperty } from './crash-schedules.ts';

export interface JobQueueUnderTest {
  readonly queue: JobQueue;
  /**
   * Whether a job's end reaches who enqueues later than it reaches the queue, as from another process. Only then may an id that
   * has just ended be enqueued as a new job.
   */
  readonly remote: boolean;
  /** Frees what `open` took. The queue is closed already. */
  close(): Promise<void>;
}

const once: RetryPolicy = { maxDeliveries: 1, backoffMs: 1, maxBackoffMs: 1 };
const thrice: RetryPolicy = { maxDeliveries: 3, backoffMs: 1, maxBackoffMs: 4 };
const longEnough = 60_000;

/** What every job queue does, whatever it is made of. `open` gives an empty one for each test. */
export const jobQueueContract = (name: string, open: () => Promise<JobQueueUnderTest>): void => {
  describe(`${name} is a job queue`, () => {
    const withQueue = (what: string, test: (queue: JobQueue, remote: boolean) => Promise<void>) => {
      it(what, async () => {
        const opened = await open();
        try {
          await test(opened.queue, opened.remote);
        } finally {
          await opened.queue.close();
          await opened.close();
        }
      });
    };

    const worker = (
      queue: JobQueue,
      handle: (delivery: Delivery) => Promise<void>,
      more: Partial<WorkerOptions<unknown>> = {},
    ): Promise<RunningWorker> =>
      queue.work({
        queue: 'work',
        concurrency: 1,
        lockMs: 1_000,
        retry: once,
        onGivenUp: () => {},
        handle,
        ...more,
      });

    /** A job that is at work until it is told to end, or to fail. */
    const held = () => {
      const started = recorder<Delivery>();
      const ends = new Map<string, Deferred<void>>();
      const handle = (delivery: Delivery): Promise<void> => {
        const end = deferred<void>();
        ends.set(delivery.id, end);
        started.add(delivery);
        return end.promise;
      };
      return {
        started,
        handle,
        end: (id: string) => ends.get(id)?.resolve(),
        fail: (id: string) => ends.get(id)?.reject(new Error('failed')),
        handBack: (id: string) => ends.get(id)?.reject(jobHandedBack(id)),
      };
    };

    describe('handing out', () => {
      withQueue('gives a job to a worker, with what was put in', async (queue) => {
        const seen = recorder<Delivery>();
        await worker(queue, async (delivery) => seen.add(delivery));
        await queue.enqueue('work', [{ id: 'r_1.T1.a1', payload: { runId: 'r_1', taskId: 'r_1.T1' } }]);
        const [delivery] = await seen.reached(1);
        expect(delivery).toMatchObject({
          id: 'r_1.T1.a1',
          payload: { runId: 'r_1', taskId: 'r_1.T1' },
          delivery: 1,
          stalled: false,
        });
        expect(delivery?.signal.aborted).toBe(false);
      });

      withQueue('gives jobs that came before the worker', async (queue) => {
        await queue.enqueue('work', [{ id: 'early', payload: null }]);
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 0 });
        const seen = recorder<string>();
        await worker(queue, async ({ id }) => seen.add(id));
        expect(await seen.reached(1)).toEqual(['early']);
      });

      withQueue('hands out the most urgent first, and those of one priority as they came', async (queue) => {
        const jobs = [
          ['low', 9],
          ['default', undefined],
          ['five', 5],
          ['urgent', 0],
          ['high', 1],
          ['high too', 1],
        ] as const;
        for (const [id, priority] of jobs)
          await queue.enqueue('work', [
            priority === undefined ? { id, payload: null } : { id, payload: null, priority },
          ]);
        const seen = recorder<string>();
        await worker(queue, async ({ id }) => seen.add(id));
        expect(await seen.reached(6)).toEqual(['urgent', 'high', 'high too', 'default', 'five', 'low']);
      });

      withQueue('keeps queues apart', async (queue) => {
        const seen = recorder<string>();
        await worker(queue, async ({ id }) => seen.add(`work:${id}`));
        await worker(queue, async ({ id }) => seen.add(`other:${id}`), { queue: 'other' });
        await queue.enqueue('other', [{ id: 'same', payload: null }]);
        await queue.enqueue('work', [{ id: 'same', payload: null }]);
        expect([...(await seen.reached(2))].sort()).toEqual(['other:same', 'work:same']);
      });

      withQueue('works on as many at once as it may, and on no more', async (queue) => {
        const { started, handle, end } = held();
        await worker(queue, handle, { concurrency: 3 });
        const ids = ['1', '2', '3', '4', '5'];
        await queue.enqueue(
          'work',
          ids.map((id) => ({ id, payload: null })),
        );
        await started.reached(3);
        expect(await queue.counts('work')).toEqual({ waiting: 2, delayed: 0, active: 3 });
        end('2');
        expect((await started.reached(4)).map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 3 });
        for (const id of ['1', '3', '4']) end(id);
        await started.reached(5);
        end('5');
      });

      withQueue('shares the work between workers, each job to one of them', async (queue) => {
        const { started, handle, end } = held();
        await worker(queue, handle);
        await worker(queue, handle);
        await queue.enqueue('work', [
          { id: '1', payload: null },
          { id: '2', payload: null },
          { id: '3', payload: null },
        ]);
        await started.reached(2);
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 2 });
        end('1');
        end('2');
        await started.reached(3);
        end('3');
        expect(started.items.map(({ id }) => id).sort()).toEqual(['1', '2', '3']);
      });

      withQueue('keeps a delayed job back until its time', async (queue) => {
        const seen = recorder<string>();
        await worker(queue, async ({ id }) => seen.add(id));
        await queue.enqueue('work', [
          { id: 'later', payload: null, delayMs: 100, priority: 0 },
          { id: 'much later', payload: null, delayMs: 3_600_000, priority: 0 },
          { id: 'now', payload: null, priority: 9 },
        ]);
        expect(await seen.reached(2)).toEqual(['now', 'later']);
        expect((await queue.counts('work')).delayed).toBe(1);
      });
    });

    describe('one id, one job', () => {
      withQueue('takes an id that waits, is delayed or at work for the same job', async (queue) => {
        const { started, handle, end } = held();
        await queue.enqueue('work', [
          { id: 'waits', payload: 1 },
          { id: 'waits', payload: 2 },
        ]);
        await queue.enqueue('work', [{ id: 'delayed', payload: 1, delayMs: 3_600_000 }]);
        await queue.enqueue('work', [{ id: 'delayed', payload: 2 }]);
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 1, active: 0 });
        await worker(queue, handle, { concurrency: 10 });
        const [first] = await started.reached(1);
        expect(first?.payload).toBe(1);
        await queue.enqueue('work', [{ id: 'waits', payload: 3 }]);
        expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 1, active: 1 });
        end('waits');
      });

      withQueue('takes a finished id again: the queue keeps nothing of it', async (queue) => {
        const seen = recorder<unknown>();
        const running = await worker(queue, async ({ payload }) => seen.add(payload));
        await queue.enqueue('work', [{ id: 'again', payload: 1 }]);
        await seen.reached(1);
        await running.close(longEnough);
        expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 0, active: 0 });
        await queue.enqueue('work', [{ id: 'again', payload: 2 }]);
        await worker(queue, async ({ payload }) => seen.add(payload));
        expect(await seen.reached(2)).toEqual([1, 2]);
      });
    });

    describe('failure', () => {
      withQueue('tries again, counting, until the job succeeds', async (queue) => {
        const seen = recorder<number>();
        const givenUp = recorder<string>();
        await worker(
          queue,
          async ({ delivery }) => {
            seen.add(delivery);
            if (delivery < 3) throw new Error('not yet');
          },
          { retry: thrice, onGivenUp: ({ id }) => givenUp.add(id) },
        );
        await queue.enqueue('work', [{ id: 'flaky', payload: null }]);
        expect(await seen.reached(3)).toEqual([1, 2, 3]);
        expect(givenUp.items).toEqual([]);
      });

      withQueue('gives up after the last delivery, says so once, and lets the id go', async (queue) => {
        const givenUp = recorder<{ id: string; delivery: number; message: string }>();
        const seen = recorder<number>();
        await worker(
          queue,
          async ({ delivery }) => {
            seen.add(delivery);
            throw new Error(`failure ${delivery}`);
          },
          {
            retry: thrice,
            onGivenUp: ({ id, delivery }, error) =>
              givenUp.add({ id, delivery, message: Error.isError(error) ? error.message : String(error) }),
          },
        );
        await queue.enqueue('work', [{ id: 'hopeless', payload: null }]);
        expect(await givenUp.reached(1)).toEqual([{ id: 'hopeless', delivery: 3, message: 'failure 3' }]);
        await queue.enqueue('work', [{ id: 'hopeless', payload: null }]);
        await givenUp.reached(2);
        expect(seen.items).toEqual([1, 2, 3, 1, 2, 3]);
      });

      withQueue('works on others while a failed job waits for its next turn', async (queue) => {
        const seen = recorder<string>();
        await worker(
          queue,
          async ({ id }) => {
            seen.add(id);
            if (id === 'fails') throw new Error('failed');
          },
          { retry: { maxDeliveries: 2, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 } },
        );
        await queue.enqueue('work', [
          { id: 'fails', payload: null },
          { id: 'works', payload: null },
        ]);
        expect(await seen.reached(2)).toEqual(['fails', 'works']);
      });

      withQueue('survives a handler that throws at once and a report that throws', async (queue) => {
        const seen = recorder<string>();
        const handle = ({ id }: Delivery): Promise<void> => {
          seen.add(id);
          if (id === 'throws') throw new Error('before any promise');
          return Promise.resolve();
        };
        await worker(queue, handle, {
          onGivenUp: () => {
            throw new Error('the report failed');
          },
        });
        await queue.enqueue('work', [
          { id: 'throws', payload: null },
          { id: 'next', payload: null },
        ]);
        expect(await seen.reached(2)).toEqual(['throws', 'next']);
      });
    });

    describe('removal', () => {
      withQueue('takes out what waits or is delayed', async (queue) => {
        await queue.enqueue('work', [
          { id: 'waits', payload: null },
          { id: 'delayed', payload: null, delayMs: 5 },
          { id: 'stays', payload: null, priority: 9 },
        ]);
        await queue.remove('work', 'waits');
        await queue.remove('work', 'delayed');
        await queue.remove('work', 'never was');
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 0 });
        await queue.enqueue('work', [{ id: 'after the delay', payload: null, delayMs: 40 }]);
        const seen = recorder<string>();
        await worker(queue, async ({ id }) => seen.add(id));
        expect([...(await seen.reached(2))].sort()).toEqual(['after the delay', 'stays']);
      });

      withQueue('aborts what is at work, and neither tries it again nor gives it up', async (queue) => {
        const seen = recorder<string>();
        const aborted = deferred<void>();
        const givenUp = recorder<string>();
        await worker(
          queue,
          ({ id, signal }) => {
            seen.add(id);
            if (id === 'next') return Promise.resolve();
            return new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                aborted.resolve();
                reject(signal.reason);
              });
            });
          },
          { retry: thrice, onGivenUp: ({ id }) => givenUp.add(id) },
        );
        await queue.enqueue('work', [{ id: 'at work', payload: null }]);
        await seen.reached(1);
        await queue.remove('work', 'at work');
        await aborted.promise;
        await queue.enqueue('work', [{ id: 'next', payload: null, priority: 9 }]);
        expect(await seen.reached(2)).toEqual(['at work', 'next']);
        expect(givenUp.items).toEqual([]);
      });

      withQueue(
        'hands out an id that was removed and enqueued again once its worker has wound down',
        async (queue) => {
          const { started, handle, fail, end } = held();
          await worker(queue, handle, { concurrency: 2, retry: thrice });
          await queue.enqueue('work', [{ id: 'job', payload: 'first' }]);
          const [first] = await started.reached(1);
          await queue.remove('work', 'job');
          expect(first?.signal.aborted).toBe(true);
          await queue.enqueue('work', [{ id: 'job', payload: 'second' }]);
          expect(started.items).toHaveLength(1);
          fail('job');
          const [, second] = await started.reached(2);
          expect(second).toMatchObject({ payload: 'second', delivery: 1, stalled: false });
          end('job');
        },
      );
    });

    describe('closing and taking over', () => {
      withQueue('waits for what is at work and takes nothing new', async (queue) => {
        const { started, handle, end } = held();
        const running = await worker(queue, handle);
        await queue.enqueue('work', [
          { id: 'at work', payload: null },
          { id: 'waits', payload: null },
        ]);
        const [delivery] = await started.reached(1);
        const closing = running.close(longEnough);
        end('at work');
        await closing;
        expect(delivery?.signal.aborted).toBe(false);
        expect(started.items).toHaveLength(1);
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 0 });
      });

      withQueue('gives what a closing worker hands back to another, and counts no failure', async (queue) => {
        const { started: left, handle: hold, handBack } = held();
        const givenUp = recorder<string>();
        const onGivenUp = ({ id }: Delivery): void => givenUp.add(id);
        const leaving = await worker(queue, hold, { onGivenUp });
        await queue.enqueue('work', [{ id: 'handed back', payload: 'kept' }]);
        await left.reached(1);
        const closing = leaving.close(longEnough);
        handBack('handed back');
        await closing;
        expect(await queue.counts('work')).toEqual({ waiting: 1, delayed: 0, active: 0 });

        const { started, handle, end } = held();
        const next = await worker(queue, handle, { onGivenUp });
        const [delivery] = await started.reached(1);
        expect(delivery).toMatchObject({ id: 'handed back', payload: 'kept', delivery: 2, stalled: true });
        end('handed back');
        await next.close(longEnough);
        expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 0, active: 0 });
        expect(givenUp.items).toEqual([]);
      });

      withQueue(
        'lets another worker take over what a closed one left, and believes the closed one nothing',
        async (queue) => {
          const { started: gone, handle: hang, end, fail } = held();
          const givenUp = recorder<string>();
          const left = await worker(queue, hang, { concurrency: 2, onGivenUp: ({ id }) => givenUp.add(id) });
          await queue.enqueue('work', [
            { id: 'ends late', payload: 'kept' },
            { id: 'fails late', payload: null },
          ]);
          const [first] = await gone.reached(2);
          await left.close(0);
          expect(first?.signal.aborted).toBe(true);

          const { started, handle, end: finish } = held();
          // One delivery is allowed: one that was lost with its worker is no failure.
          const next = await worker(queue, handle, {
            concurrency: 2,
            onGivenUp: ({ id }) => givenUp.add(id),
          });
          const taken = await started.reached(2);
          expect(taken).toContainEqual(
            expect.objectContaining({ id: 'ends late', payload: 'kept', delivery: 2, stalled: true }),
          );
          end('ends late');
          fail('fails late');
          await Promise.resolve();
          expect((await queue.counts('work')).active).toBe(2);
          expect(taken.every(({ signal }) => !signal.aborted)).toBe(true);
          finish('ends late');
          finish('fails late');
          await next.close(longEnough);
          expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 0, active: 0 });
          expect(givenUp.items).toEqual([]);
        },
      );

      withQueue(
        'loses no job and finishes none twice, whatever crashes, fails and closes',
        crashScheduleProperty,
      );
    });
  });
};
