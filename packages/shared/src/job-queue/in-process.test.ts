import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../runtime/index.ts';
import { virtualClock } from '../runtime/testing/index.ts';
import { inProcessJobQueue } from './in-process.ts';
import type { Delivery } from './port.ts';
import { jobQueueContract } from './testing/index.ts';

jobQueueContract('the in-process queue', async () => ({
  queue: inProcessJobQueue({ clock: systemClock }),
  remote: false,
  close: async () => {},
}));

const never = { maxDeliveries: 1, backoffMs: 0, maxBackoffMs: 0 };

describe('the in-process queue', () => {
  it('waits twice as long after each failure, up to the most', async () => {
    const clock = virtualClock({ start: 0 });
    const queue = inProcessJobQueue({ clock });
    const times: number[] = [];
    await queue.work({
      queue: 'work',
      concurrency: 1,
      retry: { maxDeliveries: 6, backoffMs: 100, maxBackoffMs: 500 },
      handle: async () => {
        times.push(clock.now());
        throw new Error('failed');
      },
      onGivenUp: () => times.push(-1),
    });
    await queue.enqueue('work', [{ id: 'job', payload: null }]);
    await clock.advance(10_000);
    expect(times).toEqual([0, 100, 300, 700, 1_200, 1_700, -1]);
    await queue.close();
  });

  it('wakes for a shorter delay that came after a longer one, and sleeps for nobody once all is done', async () => {
    const clock = virtualClock({ start: 0 });
    const queue = inProcessJobQueue({ clock });
    const times: string[] = [];
    await queue.work({
      queue: 'work',
      concurrency: 5,
      retry: never,
      handle: async ({ id }) => {
        times.push(`${id}@${clock.now()}`);
      },
      onGivenUp: () => {},
    });
    await queue.enqueue('work', [{ id: 'long', payload: null, delayMs: 1_000 }]);
    await queue.enqueue('work', [{ id: 'short', payload: null, delayMs: 10 }]);
    expect(clock.sleeping()).toBe(1);
    await clock.advance(1_000);
    expect(times).toEqual(['short@10', 'long@1000']);
    expect(clock.sleeping()).toBe(0);
    await queue.close();
  });

  it('starts a job in the turn in which it is enqueued', async () => {
    const queue = inProcessJobQueue({ clock: virtualClock() });
    let started = false;
    await queue.work({
      queue: 'work',
      concurrency: 1,
      retry: never,
      handle: async () => {
        started = true;
      },
      onGivenUp: () => {},
    });
    const turn = new Promise<boolean>((resolve) => setImmediate(() => resolve(started)));
    void queue.enqueue('work', [{ id: 'job', payload: null }]);
    expect(await turn).toBe(true);
    await queue.close();
  });

  it('does not start a handler for a job that was taken away in the same turn', async () => {
    const queue = inProcessJobQueue({ clock: virtualClock() });
    const seen: string[] = [];
    const options = {
      queue: 'work',
      concurrency: 1,
      retry: never,
      handle: async ({ id }: Delivery) => {
        seen.push(id);
      },
      onGivenUp: () => {},
    };
    const worker = await queue.work(options);
    const enqueued = queue.enqueue('work', [
      { id: 'removed', payload: null },
      { id: 'kept', payload: null },
    ]);
    await Promise.all([enqueued, queue.remove('work', 'removed')]);
    await worker.close(0);
    await queue.work(options);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['kept']);
    await queue.close();
  });

  it('keeps ten thousand jobs in order behind a thousand at once', async () => {
    const queue = inProcessJobQueue({ clock: virtualClock() });
    const total = 10_000;
    const order: number[] = [];
    let atWork = 0;
    let most = 0;
    const done = Promise.withResolvers<void>();
    const jobs = Array.from({ length: total }, (_, index) => ({
      id: `job ${index}`,
      payload: index % 10,
      priority: index % 10,
    }));
    await queue.enqueue('work', jobs);
    await queue.work<number>({
      queue: 'work',
      concurrency: 1_000,
      retry: never,
      handle: async ({ payload }) => {
        order.push(payload);
        atWork += 1;
        most = Math.max(most, atWork);
        await new Promise((resolve) => setImmediate(resolve));
        atWork -= 1;
        if (order.length === total && atWork === 0) done.resolve();
      },
      onGivenUp: () => {},
    });
    await done.promise;
    expect(most).toBe(1_000);
    expect(order).toEqual([...order].sort((left, right) => left - right));
    await queue.close();
  });

  it('sweeps out what was removed instead of keeping it until its time', async () => {
    const clock = virtualClock();
    const queue = inProcessJobQueue({ clock });
    for (let index = 0; index < 1_000; index += 1) {
      await queue.enqueue('work', [{ id: `job ${index}`, payload: null, delayMs: 3_600_000 + index }]);
      if (index !== 500) await queue.remove('work', `job ${index}`);
    }
    expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 1, active: 0 });
    const seen: string[] = [];
    await queue.work({
      queue: 'work',
      concurrency: 1,
      retry: never,
      handle: async ({ id }) => {
        seen.push(id);
      },
      onGivenUp: () => {},
    });
    await clock.advance(3_700_000);
    expect(seen).toEqual(['job 500']);
    await queue.close();
  });

  it('refuses work once it is closed, and sleeps no more', async () => {
    const clock = virtualClock();
    const queue = inProcessJobQueue({ clock });
    await queue.enqueue('work', [{ id: 'job', payload: null, delayMs: 1_000 }]);
    await queue.close();
    expect(clock.sleeping()).toBe(0);
    await expect(queue.enqueue('work', [{ id: 'job', payload: null }])).rejects.toMatchObject({
      code: 'QUEUE_CLOSED',
    });
  });

  it.each([
    [{ id: '', payload: null }, 'needs an id'],
    [{ id: 'job', payload: null, priority: -1 }, 'Job job: a priority'],
    [{ id: 'job', payload: null, priority: 1.5 }, 'Job job: a priority'],
    [{ id: 'job', payload: null, delayMs: Number.NaN }, 'Job job: a delay'],
  ])('refuses %j', async (job, message) => {
    const queue = inProcessJobQueue({ clock: virtualClock() });
    await expect(queue.enqueue('work', [{ id: 'good', payload: null }, job])).rejects.toThrow(message);
    expect((await queue.counts('work')).waiting).toBe(0);
    await queue.close();
  });
});
