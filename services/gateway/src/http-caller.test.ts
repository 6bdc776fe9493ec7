import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type EarlyServer,
  earlyServer,
  operationServer,
  serviceCredentials,
} from '@partitura/shared/hosting';
import type { CallContext } from '@partitura/shared/http';
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

const replica = async (name: string, answer: () => Promise<unknown>, secret = key): Promise<string> => {
  const handler = async (given: unknown, of: unknown): Promise<unknown> => {
    seen.push({ replica: name, input: given, context: of });
    return answer();
  };
  const service: Service = {
    name: 'projections',
    // What it answers is beside the point: that it comes back as it is.
    operations: { getRun: handler as unknown as NonNullable<Service['operations']['getRun']> },
    components: [],
    health: [],
  };
  const early: EarlyServer = await earlyServer('127.0.0.1', 0);
  const app = await operationServer({
    service,
    server: early,
    credentials: credentials(secret, 'projections'),
    checks: [],
    metrics: prometheusMetrics(),
    logger: silentLogger,
  });
  servers.push({
    stop: async () => {
      await app.close();
      await early.close();
    },
  });
  return early.url;
};

const callerOf = (urls: readonly string[], patienceMs = 300): HttpCaller =>
  httpCaller({
    services: { projections: urls },
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
