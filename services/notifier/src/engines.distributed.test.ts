import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { type JobQueue, openBullmqJobQueue } from '@partitura/shared/job-queue';
import { openMongoReadModels, type ReadModels } from '@partitura/shared/read-models';
import { systemClock } from '@partitura/shared/runtime';
import { startFerretDb } from '../../../infra/native/ferretdb.ts';
import type { NativeServer } from '../../../infra/native/program.ts';
import { startRedis } from '../../../infra/native/redis.ts';
import { deliveryDocuments, laneDocuments, recordsName, webhookDocuments } from './records/documents.ts';
import { startConsumer } from './testing/consumer.ts';
import { startNotifier } from './testing/world.ts';

let directory: string;
let redis: NativeServer;
let mongo: NativeServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-notifier-'));
  redis = await startRedis({ directory: join(directory, 'redis') });
  mongo = await startFerretDb({ directory: join(directory, 'mongo') });
});

afterAll(async () => {
  await mongo.stop();
  await redis.stop();
  await rm(directory, { recursive: true });
});

const openQueue = (prefix: string): Promise<JobQueue> =>
  openBullmqJobQueue({ url: redis.url, clock: systemClock, prefix });
const openDocuments = (): Promise<ReadModels> => {
  const url = new URL(mongo.url);
  url.pathname = '/notifier';
  return openMongoReadModels({ url: url.href, clock: systemClock });
};

describe('two notifiers on Redis and MongoDB', () => {
  it('send each event in order, and go on when the queue and the documents are gone', async () => {
    const here = await startConsumer();
    const store = openSqliteEventStore({ path: ':memory:' });
    const ports = await Promise.all(
      [1, 2].map(async () => ({ queue: await openQueue('first'), readModels: await openDocuments() })),
    );
    const notifiers = await Promise.all(
      ports.map((port) => startNotifier({ store, ...port, lookEveryMs: 200 })),
    );
    const [one, other] = notifiers;
    if (!one || !other) throw new Error('Two were started.');
    const { id } = await one.create(here.url);
    const recordAll = async (from: number, to: number) => {
      for (let number = from; number <= to; number += 1)
        for (const run of ['r_1', 'r_2']) await other.record(run, `event ${String(number).padStart(3, '0')}`);
    };
    await recordAll(1, 20);
    await one.settled(id, 'delivered', 40);

    // Whatever was on the queue is not any more, and nobody knows what was sent but the log.
    await Promise.all(notifiers.map((notifier) => notifier.stop(0)));
    await ports[0]?.readModels.drop(recordsName, [webhookDocuments, deliveryDocuments, laneDocuments]);
    const fresh = { queue: await openQueue('second'), readModels: await openDocuments() };
    const third = await startNotifier({ store, ...fresh, lookEveryMs: 200 });
    await recordAll(21, 25);
    await third.settled(id, 'delivered', 50);
    await third.stop(0);

    for (const run of ['r_1', 'r_2']) {
      const seen = new Map(here.received.filter(({ runId }) => runId === run).map((one) => [one.id, one]));
      const texts = [...seen.values()].map(({ body }) => String(JSON.parse(body).data.text));
      expect(texts).toHaveLength(25);
      expect(texts).toEqual(texts.toSorted());
    }
    for (const { queue, readModels } of [...ports, fresh]) {
      await queue.close();
      await readModels.close();
    }
    await here.close();
    await store.close();
  });
});
