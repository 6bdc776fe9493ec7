import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { streamName } from '../../events/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { recorder } from '../../runtime/testing/index.ts';
import { openKafkaEventBus } from '../index.ts';
import { kafkaAddress } from './kafka-url.ts';
import { keyOf } from './keys.ts';
import { lane } from './lane.ts';
import { share } from './lane-assigner.ts';

const store = { head: async () => Promise.reject(new Error('nobody asks')) };

/** Something that answers each request with these bytes. */
const serving = async (
  answer: (request: Buffer) => Buffer,
  test: (url: string) => Promise<void>,
): Promise<void> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (request) => socket.write(answer(Buffer.from(request))));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  try {
    await test(`kafka://user:hidden@127.0.0.1:${port}/`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
};

const open = (url: string) => openKafkaEventBus({ url, store, clock: systemClock, startTimeoutMs: 2_000 });

/** ApiVersions, version 0: no error, and each of these keys from 0 to 1. */
const versionsAnswer = (request: Buffer, keys: readonly number[]): Buffer => {
  const body = Buffer.alloc(14 + keys.length * 6);
  body.writeInt32BE(body.length - 4, 0);
  request.copy(body, 4, 8, 12);
  body.writeInt32BE(keys.length, 10);
  keys.forEach((key, index) => {
    body.writeInt16BE(key, 14 + index * 6);
    body.writeInt16BE(1, 18 + index * 6);
  });
  return body;
};

describe('the Kafka behind a bus', () => {
  it('may not be as old as 2.8', () =>
    serving(
      (request) =>
        versionsAnswer(
          request,
          Array.from({ length: 61 }, (_, key) => key),
        ),
      async (url) => {
        await expect(open(url)).rejects.toMatchObject({
          code: 'BUS_VERSION_UNSUPPORTED',
          message: expect.stringMatching(/^Apache Kafka at 127\.0\.0\.1:\d+ is older than 3\.0\.$/),
          advice: expect.stringContaining('Upgrade'),
        });
      },
    ));

  it.each([
    ['another server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['a listener with TLS', '\u0015\u0003\u0003\u0000\u0002\u0002\u0046'],
  ])('is told from %s', (_what, text) =>
    serving(
      () => Buffer.from(text, 'latin1'),
      async (url) => {
        await expect(open(url)).rejects.toMatchObject({
          code: 'BUS_FAILED',
          message: expect.stringContaining('does not speak the protocol of Apache Kafka'),
          advice: expect.stringContaining('?tls=true'),
        });
      },
    ),
  );

  it('is waited for, with one line, and not for ever', async () => {
    const lines = recorder<string>();
    const line = (_fields: object, message: string) => lines.add(message);
    const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
    const url = 'kafka://user:hidden@127.0.0.1:1/';
    const opening = openKafkaEventBus({ url, store, clock: systemClock, logger, startTimeoutMs: 500 });
    await expect(opening).rejects.toMatchObject({
      code: 'BUS_UNREACHABLE',
      message: expect.stringContaining('Apache Kafka at 127.0.0.1:1 does not answer: connect ECONNREFUSED'),
      advice: expect.stringContaining('PARTITURA_BUS_URL'),
    });
    expect(lines.items).toEqual(['waiting for Apache Kafka at 127.0.0.1:1']);
  });
});

describe('the URL of a bus', () => {
  it('names brokers, credentials and what to call things', () => {
    expect(kafkaAddress('kafka://me:p%40ss%3A@one:19092,[::1]/?prefix=p-&partitions=3&tls=true')).toEqual({
      brokers: [
        { host: 'one', port: 19092 },
        { host: '::1', port: 9092 },
      ],
      where: 'one:19092,::1:9092',
      credentials: { user: 'me', password: 'p@ss:', mechanism: 'plain' },
      tls: { caFile: null },
      prefix: 'p-',
      partitions: 3,
      replicas: null,
    });
    expect(kafkaAddress('kafka://kafka')).toMatchObject({
      credentials: null,
      tls: null,
      prefix: 'partitura.',
      partitions: 12,
    });
  });

  it.each([
    ['kafka', 'it does not read kafka://'],
    ['redis://user:hidden@here', 'it does not read kafka://'],
    ['kafka://user:hidden@', 'it does not read kafka://'],
    ['kafka://user:hidden@one:two', 'each of its brokers reads host or host:port'],
    ['kafka://user:hidden@one:99999', 'a port is a number from 1 to 65535'],
    ['kafka://hidden@one', 'before the @ it reads user:password'],
    ['kafka://user:hidden%@one', 'percent-encoded'],
    ['kafka://user:hidden@one?partitions=0', 'partitions is a number from 1 to 1000'],
    ['kafka://user:hidden@one?prefix=a/b', 'a prefix has letters'],
    ['kafka://user:hidden@one?tsl=true', 'it has no parameter "tsl"'],
    ['kafka://user:hidden@one?mechanism=gssapi', 'mechanism is one of plain'],
    ['kafka://user:hidden@one?tls=false&tlsCAFile=/ca', 'of no use'],
  ])('is not %s', (url, why) => {
    expect(() => kafkaAddress(url)).toThrow(
      expect.objectContaining({ code: 'BUS_URL_INVALID', message: expect.stringContaining(why) }),
    );
    expect(() => kafkaAddress(url)).not.toThrow('hidden');
  });
});

describe('the key of an event', () => {
  it('is the same for all of a run', () => {
    const streams = [
      streamName('run', 'r_1'),
      streamName('plan', 'r_1'),
      streamName('merge', 'r_1'),
      streamName('agent', 'r_1.T4.a2'),
    ];
    expect(new Set(streams.map(keyOf))).toEqual(new Set(['r_1']));
    expect(keyOf(streamName('knowledge', 'p_1'))).toBe(keyOf(streamName('project', 'p_1')));
  });
});

describe('lanes', () => {
  const members = fc.uniqueArray(
    fc.record({
      memberId: fc.string({ minLength: 1 }),
      topics: fc.constant(['a']),
      held: fc.uniqueArray(fc.nat(15)),
    }),
    { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 8 },
  );

  it('are all given out, fairly, and to nobody in two orders differently', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 16 }), (wishes, lanes) => {
        const owners = share(wishes, lanes);
        expect(owners).toHaveLength(lanes);
        const counts = wishes.map(({ memberId }) => owners.filter((owner) => owner === memberId).length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(lanes);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(share(wishes.toReversed(), lanes)).toEqual(owners);
      }),
    );
  });

  it('stay where they are when somebody comes who has none', () => {
    const held = [[0, 1, 2], [3, 4, 5], []];
    const wishes = held.map((lanes, index) => ({ memberId: `m${index}`, topics: [], held: lanes }));
    expect(share(wishes, 6)).toEqual(['m0', 'm0', 'm2', 'm1', 'm1', 'm2']);
    expect(share([...wishes.slice(2), { memberId: 'z', topics: [], held: [0] }], 1)).toEqual(['z']);
  });

  const message = (position: string, offset: number, type = 'wanted') => ({
    offset: String(offset),
    value: null,
    headers: { ce_type: type, ce_position: position },
  });
  const taken = (at: ReturnType<typeof lane>, most: number) =>
    at.take(most).messages.map(({ offset }) => offset);

  it('are handled in the order of the log, over all topics, each event once', () => {
    const at = lane(0, new Map(), ({ headers }) => headers?.ce_type === 'wanted');
    at.add('a', [message('01', 10), message('04', 11), message('05', 12)]);
    at.add('b', [message('02', 20), message('03', 21, 'other'), message('02', 22), message('06', 23)]);
    expect(taken(at, 2)).toEqual(['10', '20']);
    expect(taken(at, 9)).toEqual(['11', '12', '23']);
    expect(at.isEmpty()).toBe(true);
  });

  it('go on over what nobody wants', () => {
    const at = lane(3, new Map(), () => false);
    at.add('a', [message('01', 10), message('02', 11)]);
    expect(at.take(1)).toEqual({
      messages: [],
      progress: [{ topic: 'a', lane: 3, offset: 12n, position: '02' }],
    });
  });
});

describe('the embedded profile', () => {
  it('does not load the client of Kafka with the port', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
      console.log(JSON.stringify(loaded.filter((url) => /node_modules\\/kafkajs\\//.test(url))));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
