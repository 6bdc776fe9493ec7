import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { startRedis } from '../../../../../infra/native/redis.ts';
import { systemClock } from '../../runtime/index.ts';
import { openBullmqJobQueue } from '../index.ts';
import { jobQueueContract } from '../testing/index.ts';

let directory: string;
let redis: NativeServer;
let queues = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-redis-'));
  redis = await startRedis({ directory });
});

afterAll(async () => {
  await redis.stop();
  await rm(directory, { recursive: true });
});

jobQueueContract('BullMQ on a real Redis 7', async () => {
  queues += 1;
  return {
    remote: true,
    queue: await openBullmqJobQueue({
      url: redis.url,
      clock: systemClock,
      prefix: `partitura-test-${queues}`,
    }),
    close: async () => {},
  };
});
