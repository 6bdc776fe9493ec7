import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../infra/native/program.ts';
import { startRedis } from '../../../infra/native/redis.ts';
import { type EngineName, engines } from '../../../infra/native/stack/engines.ts';
import { healthOf } from './testing/health.ts';
import {
  type RefusingWorld,
  reasonOf,
  startRefusingWorld,
  waitingLines,
  withWrongPassword,
  wrongPassword,
} from './testing/refusing-world.ts';
import { type ServiceName, serviceNames } from './testing/service-process.ts';

let world: RefusingWorld;

beforeAll(async () => {
  world = await startRefusingWorld();
});
afterEach(() => world?.stopServices());
afterAll(() => world?.close(), 60_000);

const nowhere: readonly (readonly [ServiceName, EngineName, string, RegExp])[] = [
  ['gateway', 'eventStore', 'STORE_UNREACHABLE', /EventStoreDB/],
  ['relay', 'kafka', 'BUS_UNREACHABLE', /Kafka/],
  ['projections', 'mongodb', 'READ_MODELS_UNREACHABLE', /MongoDB/],
  ['knowledge', 'postgres', 'KNOWLEDGE_UNREACHABLE', /PostgreSQL/],
  ['orchestrator', 'kafka', 'BUS_UNREACHABLE', /Kafka/],
  ['planner', 's3', 'BLOB_STORE_UNREACHABLE', /S3|blob store/],
  ['agent-runner', 'redis', 'QUEUE_UNREACHABLE', /Redis/],
];

const engine =
  'Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(`services that cannot have their engines: ${engine}`, () => {
  it('wait quietly where nothing listens, and then say what to do', async () => {
    await Promise.all(
      nowhere.map(async ([service, name, code, title]) => {
        const url = world.urls[name].replace(/:\d+([/?])/, `:${await freePort()}$1`);
        const one = await world.start(service, { [name]: url });
        const address = await one.url();
        await one.until(/"msg":"waiting for/);
        const [before, since] = [one.processorTime(), performance.now()];
        expect(await healthOf(address)).toMatchObject({ live: 200, ready: 503 });
        await sleep(2_000);
        const busy = (one.processorTime() - before) / (performance.now() - since);
        expect({ service, spins: busy > 0.25 }).toEqual({ service, spins: false });
        const reason = await reasonOf(one);
        expect({ service, ...reason }).toMatchObject({
          service,
          code,
          exit: 1,
          msg: expect.stringMatching(title),
        });
        expect(reason.msg).toContain(engines[name].variable);
        expect({ service, lines: waitingLines(one).length }).toEqual({ service, lines: 1 });
        expect(world.secretsIn(one.said())).toEqual([]);
      }),
    );
  });

  it('are refused for wrong credentials, and say so without them', async () => {
    const cases = [
      ['relay', 'kafka', 'BUS_CREDENTIALS_REFUSED', /Kafka/],
      ['planner', 'redis', 'QUEUE_CREDENTIALS_REFUSED', /Redis/],
      ['projections', 'mongodb', 'READ_MODELS_CREDENTIALS_REFUSED', /MongoDB/],
      ['gateway', 's3', 'BLOB_CREDENTIALS_REFUSED', /blob store|S3/],
    ] as const;
    await Promise.all(
      cases.map(async ([service, name, code, title]) => {
        const one = await world.start(service, { [name]: withWrongPassword(world.urls[name]) });
        const reason = await reasonOf(one);
        expect(reason).toMatchObject({ code, exit: 1, msg: expect.stringMatching(title) });
        expect(reason.msg).toContain(engines[name].variable);
        expect(world.secretsIn(one.said())).toEqual([]);
      }),
    );
  });

  it('are refused for what they may not do, or for an engine that is not what it has to be', async () => {
    const website = createServer((_, response) => response.writeHead(404).end('<h1>Not found</h1>'));
    await new Promise<void>((resolve) => void website.listen(0, '127.0.0.1', resolve));
    const { port } = website.address() as AddressInfo;
    const evicting = await startRedis({
      directory: join(world.directory, 'evicting'),
      maxmemoryPolicy: 'allkeys-lru',
    });
    const redisPort = new URL(world.urls.redis).port;
    const guest = world.guestUrl;
    const cases = [
      ['relay', 'kafka', guest, /^BUS_RIGHTS_MISSING$/, /Kafka.*README|may not/],
      ['orchestrator', 'kafka', guest, /^BUS_RIGHTS_MISSING$/, /Kafka/],
      ['relay', 'kafka', `kafka://127.0.0.1:${port}/`, /^BUS_FAILED$/, /Kafka/],
      ['planner', 'redis', evicting.url, /^QUEUE_EVICTS$/, /Redis.*noeviction/],
      ['planner', 'redis', `redis://127.0.0.1:${port}/0`, /^QUEUE_/, /Redis/],
      [
        'knowledge',
        'postgres',
        `postgres://postgres:postgres@127.0.0.1:${redisPort}/postgres`,
        /^KNOWLEDGE_/,
        /PostgreSQL/,
      ],
      ['projections', 'mongodb', `mongodb://127.0.0.1:${port}/partitura`, /^READ_MODELS_/, /MongoDB/],
      ['gateway', 'eventStore', `esdb://127.0.0.1:${port}?tls=false`, /^STORE_/, /EventStoreDB/],
      [
        'gateway',
        's3',
        `s3://key:${wrongPassword}@127.0.0.1:${port}/partitura?tls=false&pathStyle=true`,
        /^BLOB_/,
        /blob store|S3/,
      ],
    ] as const;
    try {
      await Promise.all(
        cases.map(async ([service, name, url, code, title]) => {
          const one = await world.start(service, { [name]: url });
          const reason = await reasonOf(one);
          expect({ service, ...reason }).toMatchObject({
            service,
            exit: 1,
            code: expect.stringMatching(code),
            msg: expect.stringMatching(title),
          });
          expect(world.secretsIn(one.said())).toEqual([]);
        }),
      );
    } finally {
      await evicting.stop('SIGKILL');
      website.close();
    }
  });

  it('end with 2 for a configuration with which no start could go well', async () => {
    const cases: readonly (readonly [ServiceName, Readonly<Record<string, string>>, RegExp])[] = [
      ['relay', { PARTITURA_EVENT_STORE_URL: 'sqlite:' }, /PARTITURA_EVENT_STORE_URL.*esdb:/],
      ['orchestrator', { PARTITURA_BUS_URL: 'local:' }, /PARTITURA_BUS_URL.*kafka:/],
      ['planner', { PARTITURA_QUEUE_URL: 'local:' }, /PARTITURA_QUEUE_URL.*redis:/],
      ['projections', { PARTITURA_READ_MODELS_URL: 'sqlite:' }, /PARTITURA_READ_MODELS_URL.*mongodb:/],
      ['knowledge', { PARTITURA_KNOWLEDGE_URL: 'sqlite:' }, /PARTITURA_KNOWLEDGE_URL.*postgres:/],
      ['gateway', { PARTITURA_BLOBS_URL: 'file:' }, /PARTITURA_BLOBS_URL.*s3:/],
      ['agent-runner', { PARTITURA_SERVICE_KEY: '' }, /PARTITURA_SERVICE_KEY/],
      ['notifier', { PARTITURA_SECRET_KEY: '' }, /PARTITURA_SECRET_KEY/],
      ['projections', { PARTITURA_SIGNING_KEY: '' }, /PARTITURA_SIGNING_KEY/],
      ['planner', { PARTITURA_QUEUE_URL: 'rabbit://127.0.0.1' }, /PARTITURA_QUEUE_URL.*redis/],
    ];
    await Promise.all(
      cases.map(async ([service, more, title]) => {
        const one = await world.start(service, {}, more);
        const reason = await reasonOf(one);
        expect({ service, ...reason }).toMatchObject({ service, exit: 2, msg: expect.stringMatching(title) });
        expect(world.secretsIn(one.said())).toEqual([]);
      }),
    );
  });

  it('wait for each engine with one line, and are ready when the last has come', async () => {
    const { servers } = world;
    await Promise.all(Object.values(servers).map((server) => server.kill()));
    const all = await Promise.all(
      serviceNames.map((service) => world.start(service, {}, { PARTITURA_ENGINE_START_SECONDS: '150' })),
    );
    for (const one of all) {
      await one.until(/"msg":"waiting for EventStoreDB/);
      expect(await healthOf(await one.url())).toMatchObject({ live: 200, ready: 503 });
    }
    const expected: readonly (readonly [EngineName, readonly ServiceName[], RegExp])[] = [
      ['eventStore', ['planner', 'gateway'], /waiting for the blob store/],
      [
        's3',
        ['projections', 'knowledge', 'orchestrator', 'planner'],
        /waiting for (MongoDB|PostgreSQL|Apache Kafka|Redis)/,
      ],
      ['mongodb', ['projections'], /"msg":"ready"/],
      ['mongodb', ['notifier'], /waiting for Redis/],
      ['postgres', ['knowledge', 'agent-runner', 'relay'], /waiting for Apache Kafka/],
      ['kafka', ['orchestrator', 'agent-runner'], /waiting for Redis/],
      ['redis', serviceNames, /"msg":"ready"/],
    ];
    for (const [name, services, next] of expected) {
      await servers[name].start();
      for (const one of all.filter(({ service }) => services.includes(service))) await one.until(next);
    }
    for (const one of all) {
      const lines = waitingLines(one);
      expect({ service: one.service, lines }).toEqual({ service: one.service, lines: [...new Set(lines)] });
      if (one.service !== 'gateway')
        expect(await healthOf(await one.url())).toMatchObject({ live: 200, ready: 200 });
      expect(world.secretsIn(one.said())).toEqual([]);
    }
  });
});
