import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs';
import { startKafka } from '../../../../../infra/native/kafka.ts';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { beginning } from '../../events/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { openKafkaEventBus, openKafkaOutlet } from '../index.ts';

const store = { head: async () => beginning };
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

let directory: string;
let kafka: NativeServer;
let admin: Admin;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-'));
  const users = { admin: 'very secret', reader: 'read:it', stranger: 'unknown' };
  kafka = await startKafka({ directory, users });
  const [, port] = /:(\d+)\/$/.exec(kafka.url) ?? [];
  admin = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    sasl: { mechanism: 'plain', username: 'admin', password: 'very secret' },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
});

afterAll(async () => {
  await admin.disconnect();
  await kafka.stop('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

const as = (login: string, query = '?partitions=2'): string =>
  `${kafka.url.replace(/\/\/[^@]*@/, `//${login}${login && '@'}`)}${query}`;

const open = (url: string) => openKafkaEventBus({ url, store, clock: systemClock, startTimeoutMs: 10_000 });

/** The broker hears of it a moment after the controller has taken it. */
const allow = async (resourceType: number, resourceName: string, operation: number) => {
  const acl = {
    resourceType,
    resourceName,
    operation,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal: 'User:reader',
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
  };
  await admin.createAcls({ acl: [acl] });
  while ((await admin.describeAcls(acl)).resources.length === 0) await sleep(20);
};

const reader = 'reader:read%3Ait';

describe('the rights a bus needs on a real Kafka 4.3', () => {
  it.each([
    ['a wrong password', 'reader:wrong'],
    ['an unknown user', 'nobody:wrong'],
  ])('are not those of %s', async (_what, login) => {
    const problem = await open(as(login)).catch((error: unknown) => error);
    expect(problem).toMatchObject({
      code: 'BUS_CREDENTIALS_REFUSED',
      message: expect.stringContaining('refuses the credentials'),
      advice: expect.stringContaining('PARTITURA_BUS_URL'),
    });
    expect(String(problem)).not.toContain('wrong');
  });

  it('are asked for at once when the URL names nobody', async () => {
    await expect(open(as(''))).rejects.toMatchObject({
      code: 'BUS_CREDENTIALS_REFUSED',
      message: expect.stringContaining('the URL has none'),
    });
  });

  it('are not had with a mechanism the brokers do not know', async () => {
    await expect(open(as(reader, '?mechanism=scram-sha-512'))).rejects.toMatchObject({
      code: 'BUS_CREDENTIALS_REFUSED',
      message: expect.stringContaining('SCRAM-SHA-512'),
    });
  });

  it('begin with topics: to create them, or to see those that are there', async () => {
    await expect(open(as(reader))).rejects.toMatchObject({
      code: 'BUS_RIGHTS_MISSING',
      message: expect.stringMatching(
        /may not see or create the topics partitura\.project, .*TOPIC_AUTHORIZATION_FAILED/,
      ),
      advice: expect.stringContaining('kafka-acls.sh'),
    });
    await (await open(as('admin:very%20secret'))).close();
  });

  it('are to read as the group, and to read the topics', async () => {
    const subscribe = async () => {
      const bus = await open(as(reader));
      try {
        await bus.subscribe({ group: 'group', startFrom: 'beginning', handle: async () => {} });
      } finally {
        await bus.close();
      }
    };
    await allow(AclResourceTypes.TOPIC, 'partitura.', AclOperationTypes.DESCRIBE);
    await expect(subscribe()).rejects.toThrow('as the group partitura.group');
    await allow(AclResourceTypes.GROUP, 'partitura.', AclOperationTypes.READ);
    await expect(subscribe()).rejects.toMatchObject({
      code: 'BUS_RIGHTS_MISSING',
      message: expect.stringContaining('TOPIC_AUTHORIZATION_FAILED'),
    });
    await allow(AclResourceTypes.TOPIC, 'partitura.', AclOperationTypes.READ);
    await subscribe();
  });

  it('are for a relay to write, too', async () => {
    const url = as('admin:very%20secret');
    await (await openKafkaOutlet({ url, clock: systemClock })).close();
    await expect(openKafkaOutlet({ url: as(reader), clock: systemClock })).rejects.toMatchObject({
      code: 'BUS_RIGHTS_MISSING',
      message: expect.stringContaining('may not write'),
    });
  });

  it('are of no use for topics that do not suit', async () => {
    await expect(open(as('admin:very%20secret', '?partitions=3'))).rejects.toMatchObject({
      code: 'BUS_TOPIC_UNSUITABLE',
      message: expect.stringContaining('has 2 partitions; it has to have 3'),
      advice: expect.stringContaining('?partitions=2'),
    });
  });
});
