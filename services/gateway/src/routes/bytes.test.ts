import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  answersBytes,
  type ByteBody,
  type Bytes,
  defineOperation,
  type Operation,
  takesBytes,
} from '@partitura/shared/http';
import { PartituraError, silentLogger } from '@partitura/shared/runtime';
import { type FastifyInstance, fastify } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ArrivalLimits, arrivalLimits, registerArrival } from '../conventions/arrival.ts';
import { answerMalformed } from '../conventions/malformed.ts';
import { sendProblem } from '../problem.ts';
import { registerOperation } from './register-operations.ts';

const common = { owner: 'projections', role: 'viewer', summary: 'x', query: z.strictObject({}) } as const;
const read: Operation = defineOperation({
  ...common,
  method: 'GET',
  path: '/files/:id',
  params: z.strictObject({ id: z.string() }),
  body: null,
  ...answersBytes('text/csv'),
  status: 200,
});
const write: Operation = defineOperation({
  ...common,
  method: 'POST',
  path: '/files',
  params: z.strictObject({}),
  ...takesBytes('application/x-tar'),
  bodyLimit: 100_000,
  result: z.strictObject({ bytes: z.int() }),
  status: 201,
});

let app: FastifyInstance;
let url: string;
let answer: () => Bytes;
let stopping: AbortController;

const bytesIn = async (bytes: Bytes): Promise<number> => {
  let all = 0;
  for await (const piece of bytes) all += piece.byteLength;
  return all;
};

const start = async (limits: ArrivalLimits): Promise<void> => {
  stopping = new AbortController();
  app = fastify({ clientErrorHandler: answerMalformed(() => 'q') });
  registerArrival(app, limits);
  app.setValidatorCompiler(validatorCompiler);
  app.setErrorHandler((error, asked, reply) => sendProblem(error, asked, reply, silentLogger));
  const routes = {
    logger: silentLogger,
    stopping: stopping.signal,
    silenceMs: limits.silenceMs,
    callerOf: () => ({ actor: 'user:x', organizationId: null, role: 'owner', scopes: null }) as never,
    performing: {
      read: async () => ({
        contentType: 'text/csv',
        headers: { 'partitura-position': '7' },
        bytes: answer(),
      }),
      command: async (_: unknown, { body }: { body: unknown }) => ({
        status: 201,
        body: { bytes: await bytesIn((body as ByteBody).bytes) },
      }),
    },
  };
  // Neither is in the table of operations: what they are called is beside the point.
  registerOperation(app, routes, 'getRun', read);
  registerOperation(app, routes, 'startRun', write);
  app.post('/whole', async () => ({ came: true }));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
};

beforeEach(() => start(arrivalLimits));
afterEach(() => app.close());

/** Says how many pieces were made, and when the reading was ended. */
const pieces = (most: number, then: () => void = () => undefined) => {
  const seen = { made: 0, ended: Promise.withResolvers<void>() };
  answer = async function* () {
    try {
      for (; seen.made < most; seen.made += 1) yield Buffer.alloc(64 * 1024, 'x');
      then();
    } finally {
      seen.ended.resolve();
    }
  };
  return seen;
};

describe('a file', () => {
  it('comes with its type and its headers, and its HEAD reads nothing of it', async () => {
    const seen = pieces(3);
    const whole = await fetch(`${url}/files/a`);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'text/csv',
      'partitura-position': '7',
      'cache-control': 'no-store',
    });
    expect((await whole.arrayBuffer()).byteLength).toBe(3 * 64 * 1024);
    seen.made = 0;
    const head = await fetch(`${url}/files/a`, { method: 'HEAD' });
    expect([head.status, head.headers.get('partitura-position'), seen.made]).toEqual([200, '7', 0]);
    expect((await fetch(`${url}/files/a`, { headers: { accept: 'image/png' } })).status).toBe(406);
  });

  it('is read no further for a client that takes nothing, and not at all for one that goes away', async () => {
    const seen = pieces(100_000);
    const asked = request(`${url}/files/a`).end();
    const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    response.pause();
    asked.destroy();
    asked.on('error', () => undefined);
    await seen.ended.promise;
    expect(seen.made).toBeLessThan(1_000);
  });

  it('that fails before its first byte is refused in words, and later broken off', async () => {
    pieces(0, () => {
      throw new PartituraError('INVALID_POSITION', 'That is none.');
    });
    const refused = await fetch(`${url}/files/a`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'INVALID_POSITION' }]);
    pieces(3, () => {
      throw new Error('the disk is gone');
    });
    const broken = await fetch(`${url}/files/a`);
    expect(broken.status).toBe(200);
    await expect(broken.arrayBuffer()).rejects.toThrow();
  });

  it('is broken off by a server that stops', async () => {
    const seen = pieces(100_000);
    const response = await fetch(`${url}/files/a`);
    stopping.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await seen.ended.promise;
  });
});

describe('a body of bytes', () => {
  const send = (body: Buffer<ArrayBuffer> | ReadableStream | string, type = 'application/x-tar') =>
    fetch(`${url}/files`, { method: 'POST', body, duplex: 'half', headers: { 'content-type': type } });

  it('is taken as it is', async () => {
    const answered = await send(Buffer.alloc(90_000));
    expect([answered.status, await answered.json()]).toEqual([201, { bytes: 90_000 }]);
  });

  it.each([
    ['too long, and says so', () => send(Buffer.alloc(100_001)), 413, 'BODY_TOO_LARGE'],
    [
      'too long, and says nothing',
      () => send(new Blob([Buffer.alloc(200_000)]).stream()),
      413,
      'BODY_TOO_LARGE',
    ],
    ['of another kind', () => send('{}', 'application/json'), 415, 'MEDIA_TYPE_NOT_SUPPORTED'],
    ['not there', () => fetch(`${url}/files`, { method: 'POST' }), 400, 'BAD_REQUEST'],
  ])('is refused when it is %s', async (_, ask, status, code) => {
    const refused = await ask();
    expect([refused.status, await refused.json()]).toMatchObject([status, { code }]);
  });
});

describe('a body that comes slowly', () => {
  const limited = async (limits: Partial<ArrivalLimits>): Promise<void> => {
    await app.close();
    await start({ ...arrivalLimits, ...limits });
  };
  /** A request of which only the beginning comes; whatever is answered to it. */
  const begun = async (path: string, type: string) => {
    const headers = { 'content-type': type, 'content-length': 1_000 };
    const asked = request(`${url}${path}`, { method: 'POST', headers });
    asked.on('error', () => undefined);
    asked.write('{"a":');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const text = Buffer.concat(await Array.fromAsync(response)).toString();
    return [response.statusCode, JSON.parse(text).code];
  };

  it('is taken however long it takes, as long as it comes', async () => {
    // Nothing that is read as a whole may take so long.
    await limited({ requestMs: 1 });
    const body = async function* () {
      for (let piece = 0; piece < 20; piece += 1) {
        await sleep(10);
        yield Buffer.alloc(10);
      }
    };
    const headers = { 'content-type': 'application/x-tar' };
    const answered = await fetch(`${url}/files`, { method: 'POST', body: body(), duplex: 'half', headers });
    expect([answered.status, await answered.json()]).toEqual([201, { bytes: 200 }]);
  });

  it('is given up when nothing more of it comes', async () => {
    await limited({ silenceMs: 20 });
    expect(await begun('/files', 'application/x-tar')).toEqual([408, 'REQUEST_TIMED_OUT']);
  });

  it('has its time as a whole where it is read as a whole', async () => {
    await limited({ requestMs: 20 });
    expect(await begun('/whole', 'application/json')).toEqual([408, 'REQUEST_TIMED_OUT']);
  });
});
