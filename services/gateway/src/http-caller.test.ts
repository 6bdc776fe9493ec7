import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type EarlyServer,
  earlyServer,
  operationServer,
  serviceCredentials,
} from '@partitura/shared/hosting';
import {
  type ByteAnswer,
  type ByteBody,
  type Bytes,
  type CallContext,
  isByteAnswer,
} from '@partitura/shared/http';
import {
  PartituraError,
  prometheusMetrics,
  type Service,
  silentLogger,
  systemClock,
} from '@partitura/shared/runtime';
import { type HttpCaller, httpCaller } from './http-caller.ts';

const key = 'a-key-of-the-services-0123456789abcdef';
const context: CallContext = {
  actor: 'user:x',
  organizationId: null,
  correlationId: 'q',
  commandId: 'c_1',
  expectedRevision: 3,
};
const input = { params: { id: 'r_1' }, query: { after: '7' }, body: null };
const gone = 'http://127.0.0.1:9';

let seen: { replica: string; input: unknown; context: unknown }[];
let servers: { stop(): Promise<void> }[];

beforeEach(() => {
  seen = [];
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
});

const credentials = (secret: string, name: string) => serviceCredentials(secret, name, systemClock);

const replica = async (
  name: string,
  answer: () => Promise<unknown>,
  secret = key,
  owner: 'projections' | 'agent-runner' = 'projections',
): Promise<string> => {
  const handler = async (given: unknown, of: unknown): Promise<unknown> => {
    seen.push({ replica: name, input: given, context: of });
    return answer();
  };
  const service: Service = {
    name: owner,
    // What it answers is beside the point: that it comes back as it is.
    operations: {
      getRun: handler as unknown as NonNullable<Service['operations']['getRun']>,
      importBundle: handler as unknown as NonNullable<Service['operations']['importBundle']>,
    },
    components: [],
    health: [],
  };
  const early: EarlyServer = await earlyServer('127.0.0.1', 0);
  const app = await operationServer({
    service,
    server: early,
    credentials: credentials(secret, owner),
    checks: [],
    metrics: prometheusMetrics(),
    logger: silentLogger,
    stillAtItMs: 5,
  });
  servers.push({
    stop: async () => {
      await app.close();
      await early.close();
    },
  });
  return early.url;
};

const callerOf = (urls: readonly string[], patienceMs = 300, limits = {}): HttpCaller =>
  httpCaller({
    ...limits,
    services: { projections: urls, 'agent-runner': urls },
    credentials: credentials(key, 'gateway'),
    clock: systemClock,
    logger: silentLogger,
    patienceMs,
  });

describe('owners over HTTP', () => {
  it('get the input and the context as they are, and their answer comes back as it is', async () => {
    const caller = callerOf([await replica('one', async () => ({ id: 'r_1', items: [1, null, 'ä'] }))]);
    expect(await caller.call('getRun', input, context)).toEqual({ id: 'r_1', items: [1, null, 'ä'] });
    expect(seen).toEqual([{ replica: 'one', input, context }]);
  });

  it('refuse with their own error', async () => {
    const problems = [{ path: 'body.x', message: 'is wrong' }];
    const url = await replica('one', async () => {
      throw new PartituraError('RUN_NOT_FOUND', 'There is no such run.', { advice: 'Look.', problems });
    });
    await expect(callerOf([url]).call('getRun', input, context)).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: 'There is no such run.',
      advice: 'Look.',
      problems,
    });
    expect(seen).toHaveLength(1);
  });

  it('tell nobody what a defect of theirs says, and are not asked again', async () => {
    const url = await replica('one', async () => {
      throw new Error('the inside of it');
    });
    await expect(callerOf([url]).call('getRun', input, context)).rejects.toThrow(/status 500$/);
    expect(seen).toHaveLength(1);
  });

  it('are asked in turn, and one that is not there is passed over', async () => {
    const caller = callerOf([await replica('one', async () => 1), gone, await replica('two', async () => 2)]);
    for (let calls = 0; calls < 6; calls += 1) await caller.call('getRun', input, context);
    expect(new Set(seen.map(({ replica: name }) => name))).toEqual(new Set(['one', 'two']));
    expect(seen).toHaveLength(6);
  });

  it('are waited for while none of them is ready', async () => {
    const early = await earlyServer('127.0.0.1', 0);
    const answer = callerOf([gone, early.url], 10_000).call('getRun', input, context);
    const app = await operationServer({
      service: {
        name: 'projections',
        operations: { getRun: async () => Promise.reject(new PartituraError('RUN_NOT_FOUND', 'No.')) },
        components: [],
        health: [],
      },
      server: early,
      credentials: credentials(key, 'projections'),
      checks: [],
      metrics: prometheusMetrics(),
      logger: silentLogger,
    });
    await expect(answer).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await app.close();
    await early.close();
  });

  it('that never come are reported with their addresses', async () => {
    const caller = callerOf([gone]);
    await expect(caller.call('getRun', input, context)).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: `No replica of projections answers (${gone}).`,
    });
    expect(await caller.health[0]?.check()).toBe('no replica of projections is ready');
  });

  it('with another key say so at once', async () => {
    const caller = callerOf([await replica('one', async () => 1, `another-${key}`)]);
    await expect(caller.call('getRun', input, context)).rejects.toMatchObject({
      code: 'SERVICE_KEY_REFUSED',
    });
    expect(await caller.health[0]?.check()).toBeNull();
  });
});

/** Pieces of which each is made when it is asked for; says how many were, and whether the reading was ended. */
const counted = (pieces: number, size = 64 * 1024) => {
  const seen = { made: 0, ended: Promise.withResolvers<void>() };
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (; seen.made < pieces; seen.made += 1) yield Buffer.alloc(size, seen.made % 251);
    } finally {
      seen.ended.resolve();
    }
  };
  return { seen, bytes: bytes() };
};

const asAnswer = (answer: unknown): ByteAnswer => {
  if (isByteAnswer(answer)) return answer;
  throw new Error('These are no bytes.');
};

const joined = async (bytes: Bytes): Promise<Buffer> => Buffer.concat(await Array.fromAsync(bytes));

describe('bytes over HTTP', () => {
  const head = { contentType: 'text/csv', headers: { 'partitura-position': '42', title: 'Ölände' } };

  it('come as they are, with what is said of them', async () => {
    const url = await replica('one', async () => ({ ...head, bytes: counted(3, 5).bytes }));
    const answer = asAnswer(await callerOf([url]).call('getRun', input, context));
    expect(answer).toMatchObject(head);
    expect(await joined(answer.bytes)).toEqual(await joined(counted(3, 5).bytes));
  });

  it('are made as fast as they are taken, and no more of them when nobody does', async () => {
    const { seen, bytes } = counted(10_000);
    const url = await replica('one', async () => ({ ...head, bytes }));
    const answer = asAnswer(await callerOf([url]).call('getRun', input, context));
    let taken = 0;
    for await (const piece of answer.bytes) {
      taken += piece.byteLength;
      if (taken > 1_000_000) break;
    }
    await seen.ended.promise;
    // What the sockets between two processes hold is all that was made ahead.
    expect(seen.made).toBeLessThan(1_000);
  });

  it('that break off are never taken for the whole', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* counted(3).bytes;
      throw new Error('the disk is gone');
    };
    const url = await replica('one', async () => ({ ...head, bytes: broken() }));
    const answer = asAnswer(await callerOf([url]).call('getRun', input, context));
    await expect(joined(answer.bytes)).rejects.toThrow();
  });

  it('are taken by an owner as they come, with the rest of the call', async () => {
    let got: Buffer = Buffer.alloc(0);
    const url = await replica('one', async () => {
      const { body } = Object(seen.at(-1)?.input) as { body: ByteBody };
      got = await joined(body.bytes);
      return { id: 'r_1', length: body.length, contentType: body.contentType };
    });
    const body = { contentType: 'application/x-tar', length: null, bytes: counted(100).bytes };
    const answer = await callerOf([gone, url]).call('getRun', { ...input, body }, context);
    expect(answer).toEqual({ id: 'r_1', length: null, contentType: 'application/x-tar' });
    expect(got.equals(await joined(counted(100).bytes))).toBe(true);
    expect(seen).toMatchObject([{ input: { params: input.params, query: input.query }, context }]);
  });

  it('that an owner refuses in the middle are not sent to another, and its reason is told', async () => {
    const refuse = async (): Promise<never> => {
      for await (const _ of (Object(seen.at(-1)?.input) as { body: ByteBody }).body.bytes) break;
      throw new PartituraError('BAD_BUNDLE', 'This is no bundle.');
    };
    const urls = [await replica('one', refuse), await replica('two', refuse)];
    const body = { contentType: 'application/x-tar', length: null, bytes: counted(2_000).bytes };
    const refused = callerOf(urls).call('getRun', { ...input, body }, context);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_BUNDLE' });
    expect(seen).toHaveLength(1);
  });

  const taking = async () => {
    const { body } = Object(seen.at(-1)?.input) as { body: ByteBody };
    return { length: (await joined(body.bytes)).length };
  };

  it('may come slowly: they are not given a time as a whole', async () => {
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 10; piece += 1) {
        await sleep(10);
        yield Buffer.alloc(10);
      }
    };
    const url = await replica('one', taking, key, 'agent-runner');
    const body = { contentType: 'application/x-tar', length: null, bytes: slowly() };
    // As a whole nothing may take so long.
    const caller = callerOf([url], 300, { timeoutMs: 1 });
    expect(await caller.call('importBundle', { params: {}, query: {}, body }, context)).toEqual({
      length: 100,
    });
  });

  it('are long at work for an owner that says so again and again', async () => {
    const heard = Promise.withResolvers<void>();
    const url = await replica('one', () => heard.promise.then(() => ({ done: true })), key, 'agent-runner');
    const authorization = await credentials(key, 'gateway').authorizationFor('agent-runner');
    const headers = { authorization, 'content-type': 'application/json' };
    const asked = request(`${url}/operations/importBundle`, { method: 'POST', headers });
    let told = 0;
    asked.on('information', ({ statusCode }) => {
      told += statusCode === 102 ? 1 : 0;
      if (told === 3) heard.resolve();
    });
    asked.end(JSON.stringify({ ...input, context }));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect((await joined(response)).toString()).toBe('{"result":{"done":true}}');
  });

  it('are given up when the owner falls silent, and when their sender fails for what it fails with', async () => {
    const silent = createServer((given) => given.resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    servers.push({ stop: async () => void silent.close().closeAllConnections() });
    const asked = { params: { id: 'r_1' }, query: {}, body: null };
    const caller = callerOf([url], 1, { silenceMs: 20 });
    await expect(caller.call('exportRunBundle', asked, context)).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
    });
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      throw new PartituraError('REQUEST_TIMED_OUT', 'Nothing more of the body came.');
    };
    const body = { contentType: 'application/x-tar', length: null, bytes: failing() };
    const takes = await replica('two', taking, key, 'agent-runner');
    const refused = callerOf([takes]).call('importBundle', { params: {}, query: {}, body }, context);
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
  });
});
