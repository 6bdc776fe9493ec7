import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { startRedis } from '../../../../../infra/native/redis.ts';
import { isTransient } from '../../processing/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { recorder } from '../../runtime/testing/index.ts';
import { type Delivery, type JobQueue, openBullmqJobQueue, type WorkerOptions } from '../index.ts';
import { spawnWorker } from './testing/spawn-worker.ts';

const execute = promisify(execFile);

describe('the job queue on a real Redis 7', () => {
  let directory: string;
  let redis: NativeServer;
  let closers: (() => Promise<unknown>)[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-redis-'));
    redis = await startRedis({ directory });
    closers = [];
  });
  afterEach(async () => {
    for (const close of closers.reverse()) await close();
    await redis.stop();
    await rm(directory, { recursive: true });
  });

  const open = async (url = redis.url, more: { answerWithinMs?: number } = {}): Promise<JobQueue> => {
    const queue = await openBullmqJobQueue({ url, clock: systemClock, startTimeoutMs: 5_000, ...more });
    closers.push(() => queue.close());
    return queue;
  };

  const work = (queue: JobQueue, handle: WorkerOptions<unknown>['handle'], more = {}) =>
    queue.work({
      queue: 'work',
      concurrency: 4,
      lockMs: 1_000,
      retry: { maxDeliveries: 1, backoffMs: 1, maxBackoffMs: 1 },
      handle,
      onGivenUp: () => {},
      ...more,
    });

  const admin = async <Answer>(ask: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
    const client = new Redis(redis.url);
    try {
      return await ask(client);
    } finally {
      client.disconnect();
    }
  };

  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await sleep(10);
  };

  const restart = async (): Promise<void> => {
    const port = Number(new URL(redis.url).port);
    redis = await startRedis({ directory, port });
  };

  const onlyDelivery = { maxDeliveries: 1, backoffMs: 1, maxBackoffMs: 1 };

  it('lets another process take over what a killed worker had, as no failure of the job', async () => {
    const queue = await open();
    const dead = await spawnWorker(redis.url, 'partitura', 1_000);
    closers.push(dead.kill);
    await queue.enqueue('work', [{ id: 'job', payload: 'kept' }]);
    expect(await dead.lines.reached(2)).toEqual(['ready', 'took job']);
    await dead.kill();
    const seen = recorder<Delivery>();
    await work(queue, async (delivery) => seen.add(delivery), { retry: onlyDelivery });
    const [taken] = await seen.reached(1);
    expect(taken).toMatchObject({ id: 'job', payload: 'kept', delivery: 2, stalled: true });
    await until(async () => (await queue.counts('work')).active === 0);
  });

  it('aborts a job that another process has at work, and hands its id out again after that', async () => {
    const queue = await open();
    const other = await spawnWorker(redis.url, 'partitura', 30_000);
    closers.push(other.kill);
    await queue.enqueue('work', [{ id: 'job', payload: 1 }]);
    await other.lines.reached(2);
    await queue.remove('work', 'job');
    await queue.enqueue('work', [{ id: 'job', payload: 2 }]);
    expect((await other.lines.reached(4)).slice(2)).toEqual(['aborted job', 'took job']);
    await queue.remove('work', 'job');
    expect((await other.lines.reached(5)).slice(4)).toEqual(['aborted job']);
    await until(async () => (await queue.counts('work')).active === 0);
  });

  it('does not hand out again what was removed and then lost with its worker', async () => {
    const queue = await open();
    const seen = recorder<string>();
    const dead = await spawnWorker(redis.url, 'partitura', 500);
    closers.push(dead.kill);
    await queue.enqueue('work', [
      { id: 'removed', payload: 1 },
      { id: 'removed and back', payload: 1 },
    ]);
    await dead.lines.reached(3);
    await dead.kill();
    await queue.remove('work', 'removed');
    await queue.remove('work', 'removed and back');
    await queue.enqueue('work', [{ id: 'removed and back', payload: 2 }]);
    await work(queue, async ({ id, payload, delivery, stalled }) =>
      seen.add(`${id} ${payload} ${delivery} ${stalled}`),
    );
    await seen.reached(1);
    await until(async () => {
      const { active, waiting } = await queue.counts('work');
      return active + waiting === 0;
    });
    expect(seen.items).toEqual(['removed and back 2 1 false']);
  });

  it('aborts the hold of a worker that lost its lock, and believes it nothing', async () => {
    const queue = await open();
    const seen = recorder<Delivery>();
    let release = () => {};
    await work(queue, (delivery) => {
      seen.add(delivery);
      return delivery.stalled ? Promise.resolve() : new Promise((resolve) => (release = resolve));
    });
    await queue.enqueue('work', [{ id: 'job', payload: null }]);
    const [first] = await seen.reached(1);
    await admin(async (client) => {
      await client.del('partitura:work:job.job:lock');
    });
    const [, second] = await seen.reached(2);
    expect(first?.signal.aborted).toBe(true);
    expect(second).toMatchObject({ stalled: true, delivery: 2 });
    release();
    await until(async () => (await queue.counts('work')).active === 0);
  });

  it('comes back when Redis was stopped and started again, with every job', async () => {
    const queue = await open();
    const seen = recorder<string>();
    const finish = Promise.withResolvers<void>();
    await work(queue, async ({ id, delivery }) => {
      seen.add(id);
      if (id === 'at work' && delivery === 1) await finish.promise;
    });
    await queue.enqueue('work', [
      { id: 'at work', payload: null },
      { id: 'later', payload: null, delayMs: 100 },
    ]);
    await seen.reached(1);
    // The append-only file is synced each second; a clean stop writes what is missing.
    await redis.stop();
    const whileDown = queue.enqueue('work', [{ id: 'while it was down', payload: null }]);
    finish.resolve();
    await restart();
    await whileDown;
    await queue.enqueue('work', [{ id: 'after', payload: null }]);
    await until(async () => {
      const { waiting, delayed, active } = await queue.counts('work');
      return waiting + delayed + active === 0;
    });
    expect(new Set(seen.items)).toEqual(new Set(['at work', 'later', 'while it was down', 'after']));
  });

  it('goes on after a wipe: what is enqueued again is worked on, and nothing is left behind', async () => {
    const queue = await open();
    const seen = recorder<string>();
    const finish = Promise.withResolvers<void>();
    await work(queue, async ({ id, payload }) => {
      seen.add(`${id} ${payload}`);
      if (payload === 'before') await finish.promise;
    });
    await queue.enqueue('work', [
      { id: 'at work', payload: 'before' },
      { id: 'delayed', payload: 'before', delayMs: 3_600_000 },
    ]);
    await seen.reached(1);
    await admin((client) => client.flushall());
    expect(await queue.counts('work')).toEqual({ waiting: 0, delayed: 0, active: 0 });
    finish.resolve();
    // As the orchestrator does, from the log.
    await queue.enqueue('work', [
      { id: 'at work', payload: 'again' },
      { id: 'delayed', payload: 'again' },
      { id: 'new', payload: 'again', priority: 0 },
    ]);
    expect([...(await seen.reached(4))].sort()).toEqual([
      'at work again',
      'at work before',
      'delayed again',
      'new again',
    ]);
    await until(async () => (await queue.counts('work')).active === 0);
    expect(await admin((client) => client.keys('partitura:work:job.*'))).toEqual([]);
  });

  it('tells who enqueues that Redis is away for long, while a worker waits and goes on by itself', async () => {
    const queue = await open();
    const seen = recorder<string>();
    await work(queue, async ({ id }) => seen.add(id));
    await queue.enqueue('work', [{ id: 'before', payload: null }]);
    await seen.reached(1);
    await redis.stop('SIGKILL');
    // Longer than an enqueue waits, some 20 s: it is Redis's turn again only when that has given up.
    const refused: unknown = await queue.enqueue('work', [{ id: 'while it was down', payload: null }]).then(
      () => 'it was taken',
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'QUEUE_UNREACHABLE', advice: expect.any(String) });
    expect(isTransient(refused)).toBe(true);
    await restart();
    await queue.enqueue('work', [
      { id: 'while it was down', payload: null },
      { id: 'after', payload: null },
    ]);
    expect(new Set(await seen.reached(3))).toEqual(new Set(['before', 'while it was down', 'after']));
  });

  it('tells who enqueues that Redis hangs; what it was asked is done at most once when it goes on', async () => {
    const queue = await open(redis.url, { answerWithinMs: 500 });
    const seen = recorder<string>();
    const finish = Promise.withResolvers<void>();
    await work(queue, async ({ id }) => {
      seen.add(id);
      await finish.promise;
    });
    await queue.enqueue('work', [{ id: 'before', payload: null }]);
    await seen.reached(1);
    process.kill(redis.processId, 'SIGSTOP');
    const enqueue = () => queue.enqueue('work', [{ id: 'job', payload: null }]);
    await expect(enqueue()).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    process.kill(redis.processId, 'SIGCONT');
    await enqueue();
    await seen.reached(2);
    finish.resolve();
    await until(async () => (await queue.counts('work')).active === 0);
    expect(seen.items).toEqual(['before', 'job']);
  });

  it('closes in bounded time, also while Redis hangs', async () => {
    const queue = await open();
    const seen = recorder<Delivery>();
    await work(queue, (delivery) => {
      seen.add(delivery);
      return new Promise(() => {});
    });
    await queue.enqueue('work', [{ id: 'job', payload: null }]);
    const [delivery] = await seen.reached(1);
    process.kill(redis.processId, 'SIGSTOP');
    try {
      await queue.close();
    } finally {
      process.kill(redis.processId, 'SIGCONT');
    }
    expect(delivery?.signal.aborted).toBe(true);
  });

  it('keeps nothing of ten thousand jobs once they are done', async () => {
    const queue = await open();
    const total = 10_000;
    let done = 0;
    const all = Promise.withResolvers<void>();
    await queue.enqueue(
      'work',
      Array.from({ length: total }, (_, index) => ({
        id: `j${index}`,
        payload: { index },
        priority: index % 7,
      })),
    );
    expect((await queue.counts('work')).waiting).toBe(total);
    await work(
      queue,
      async () => {
        done += 1;
        if (done === total) all.resolve();
      },
      { concurrency: 100, lockMs: 30_000 },
    );
    await all.promise;
    await until(async () => (await queue.counts('work')).active === 0);
    expect(await admin((client) => client.keys('partitura:work:job.*'))).toEqual([]);
  });

  describe('refuses to start', () => {
    const refused = async (
      options: Partial<Parameters<typeof startRedis>[0]>,
      change: (url: URL) => void,
    ) => {
      const own = await startRedis({ ...options, directory: await mkdtemp(join(directory, 'own-')) });
      closers.push(() => own.stop());
      const url = new URL(own.url);
      change(url);
      return open(url.href).then(
        () => 'it started',
        (error: unknown) => error,
      );
    };

    it.each(['allkeys-lru', 'volatile-ttl'])('on one that evicts: %s', async (maxmemoryPolicy) => {
      expect(await refused({ maxmemoryPolicy }, () => {})).toMatchObject({
        code: 'QUEUE_EVICTS',
        message: expect.stringContaining(`maxmemory-policy ${maxmemoryPolicy}`),
        advice: expect.stringContaining('noeviction'),
      });
    });

    it.each(['', 'wrong'])('with the password %p where another is asked for', async (password) => {
      const error = await refused({ password: 'right' }, (url) => {
        url.password = password;
      });
      expect(error).toMatchObject({
        code: 'QUEUE_CREDENTIALS_REFUSED',
        message: expect.stringContaining('127.0.0.1'),
      });
      expect(String(error)).not.toContain('right');
    });

    it('when TLS is asked of one that does not speak it', async () => {
      const error = await refused({}, (url) => {
        url.href = url.href.replace('redis:', 'rediss:');
      });
      expect(error).toMatchObject({ code: expect.stringMatching(/^QUEUE_(TLS_FAILED|UNREACHABLE)$/) });
    });
  });

  it('works with credentials and over TLS, and refuses a certificate it does not trust', async () => {
    const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
    await execute('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...[
        '-keyout',
        key,
        '-out',
        certificate,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
    ]);
    const own = await startRedis({
      directory: join(directory, 'tls'),
      password: 'p@ss/word',
      tls: { certificate, key },
    });
    closers.push(() => own.stop());
    expect(own.url).toMatch(/^rediss:/);
    await expect(open(own.url)).rejects.toMatchObject({
      code: 'QUEUE_TLS_FAILED',
      advice: expect.any(String),
    });

    const address = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);
    const program = `
      const { openBullmqJobQueue } = await import(${address('../index.ts')});
      const { systemClock: clock } = await import(${address('../../runtime/index.ts')});
      const queue = await openBullmqJobQueue({ url: process.argv[1], clock });
      await queue.enqueue('work', [{ id: 'job', payload: null }]);
      console.log(JSON.stringify(await queue.counts('work')));
      await queue.close();`;
    const { stdout } = await execute(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program, own.url],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate } },
    );
    expect(JSON.parse(stdout)).toEqual({ waiting: 1, delayed: 0, active: 0 });
  });
});
