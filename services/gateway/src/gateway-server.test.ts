import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OperationName, operations } from '@partitura/shared/http';
import { PartituraError, type Service } from '@partitura/shared/runtime';
import fc from 'fast-check';
import { refuseOpenHost } from './listening.ts';
import { startGateway } from './testing/gateway-under-test.ts';

let server: Awaited<ReturnType<typeof startGateway>>;
let calls: { name: string; input: unknown; context: unknown }[];

/** Owners that write down what they are asked, and answer something of no meaning. */
const echoes = (): Service['operations'] => {
  const handlers = Object.keys(operations).map((name) => {
    const handler = async (input: unknown, context: unknown) => {
      calls.push({ name, input, context });
      return { id: name, position: String(calls.length), revision: 7 };
    };
    return [name, handler] as const;
  });
  // Every handler takes anything: the point is what the gateway gives it.
  return Object.fromEntries(handlers) as Service['operations'];
};

beforeEach(async () => {
  calls = [];
  server = await startGateway({
    operations: {
      ...echoes(),
      cancelRun: async () => {
        throw new PartituraError('RUN_ENDED', 'Run r_1 cannot be cancelled: it is completed.', {
          advice: 'Look.',
        });
      },
      resumeRun: async () => {
        throw new Error('secret: the password is hunter2');
      },
      getAgent: async () => {
        throw new PartituraError('STORE_UNREACHABLE', 'EventStoreDB does not answer.');
      },
      getRun: async ({ params }) => {
        throw new PartituraError('RUN_NOT_FOUND', `There is no run "${params.id}".`);
      },
      getApproval: async () => {
        throw new PartituraError('READ_MODEL_BEHIND', 'Not yet.');
      },
      archiveProject: async () => {
        throw new PartituraError('STALE_REVISION', 'It is at revision 3.');
      },
    },
  });
});
afterEach(() => server.stop());

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  const json: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
};
const json = { 'content-type': 'application/json' };
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  ask(path, { method: 'POST', body, headers: { ...json, ...headers } });
const pause = (reason: string, headers: Record<string, string> = {}, run = 'r_1') =>
  post(`/api/v1/runs/${run}/pause`, JSON.stringify({ reason }), headers);

describe('input', () => {
  const project = { prd: { text: 'A goal.' }, repository: { url: '/tmp/x' } };
  it.each<readonly [string, string, RequestInit, number, string, string | null]>([
    [
      'an unknown field',
      '/projects',
      { body: JSON.stringify({ ...project, x: 1 }) },
      400,
      'BAD_REQUEST',
      'body',
    ],
    ['a missing field', '/projects', { body: '{"prd":{}}' }, 400, 'BAD_REQUEST', 'body.prd.text'],
    [
      'a wrong type',
      '/projects',
      { body: JSON.stringify({ ...project, stack: 'node' }) },
      400,
      'BAD_REQUEST',
      'body.stack',
    ],
    ['a body that is an array', '/projects', { body: '[]' }, 400, 'BAD_REQUEST', 'body'],
    ['no body where one is needed', '/projects', {}, 400, 'BAD_REQUEST', 'body.prd'],
    ['half a JSON', '/projects', { body: '{"prd":' }, 400, 'MALFORMED_JSON', null],
    ['a poisoned JSON', '/projects', { body: '{"__proto__":{"x":1}}' }, 400, 'MALFORMED_JSON', null],
    [
      'another media type',
      '/projects',
      { body: 'a', headers: { 'content-type': 'text/plain' } },
      415,
      'MEDIA_TYPE_NOT_SUPPORTED',
      null,
    ],
    ['a body where none is taken', '/projects/p_1/archive', { body: '{"x":1}' }, 400, 'BAD_REQUEST', 'body'],
    ['a limit of 0', '/runs?limit=0', { method: 'GET' }, 400, 'BAD_REQUEST', 'query.limit'],
    ['a limit of 501', '/runs?limit=501', { method: 'GET' }, 400, 'BAD_REQUEST', 'query.limit'],
    ['a limit of ten', '/runs?limit=ten', { method: 'GET' }, 400, 'BAD_REQUEST', 'query.limit'],
    ['an unknown status', '/runs?status=odd', { method: 'GET' }, 400, 'BAD_REQUEST', 'query.status'],
    ['an unknown parameter', '/runs?colour=red', { method: 'GET' }, 400, 'BAD_REQUEST', 'query'],
    [
      'an id that is too long',
      `/tasks/${'x'.repeat(201)}`,
      { method: 'GET' },
      400,
      'BAD_REQUEST',
      'params.id',
    ],
    ['a URL that cannot be decoded', '/tasks/%E0%A4%A', { method: 'GET' }, 400, 'BAD_URL', null],
    ['a path that is not there', '/nothing', { method: 'GET' }, 404, 'NO_SUCH_ROUTE', null],
    ['a method that is not there', '/projects', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED', null],
    ['a bad If-Match', '/runs/r_1/pause', { headers: { 'if-match': 'seven' } }, 400, 'BAD_IF_MATCH', null],
  ])('%s is refused', async (_, path, init, status, code, where) => {
    const body = typeof init.body === 'string' ? json : {};
    const answer = await ask(`/api/v1${path}`, {
      method: 'POST',
      ...init,
      headers: { ...body, ...init.headers },
    });
    expect(answer.json).toMatchObject({
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const named = expect.arrayContaining([expect.objectContaining({ path: where })]);
    if (where !== null) expect(answer.json).toMatchObject({ errors: named });
    expect(calls).toEqual([]);
  });

  it('that is too much is refused', async () => {
    const answer = await post('/api/v1/projects', `"${'x'.repeat(17 * 1024 * 1024)}"`);
    expect(answer).toMatchObject({ status: 413, json: { code: 'BODY_TOO_LARGE' } });
  });

  it('that is good comes to its owner as the schema reads it', async () => {
    expect((await post('/api/v1/projects', JSON.stringify(project))).status).toBe(201);
    expect((await ask('/api/v1/runs?limit=7')).status).toBe(200);
    expect((await ask('/api/v1/runs/r_1/pause', { method: 'POST' })).status).toBe(202);
    expect(calls).toMatchObject([
      { name: 'createProject', input: { body: { ...project, stack: [], prd: { name: 'PRD.md' } } } },
      { name: 'listRuns', input: { query: { limit: 7 } } },
      { name: 'pauseRun', input: { params: { id: 'r_1' }, body: { reason: '' } } },
    ]);
  });

  it('says which methods there are', async () => {
    const { headers } = await ask('/api/v1/runs/r_1', { method: 'DELETE' });
    expect(headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS']);
  });
});

describe('errors of owners', () => {
  it.each([
    ['POST', '/runs/r_1/cancel', 409, 'RUN_ENDED'],
    ['GET', '/runs/r_9', 404, 'RUN_NOT_FOUND'],
    ['POST', '/projects/p_1/archive', 412, 'STALE_REVISION'],
    ['GET', '/approvals/a', 503, 'READ_MODEL_BEHIND'],
    ['GET', '/agents/a', 503, 'STORE_UNREACHABLE'],
    ['POST', '/runs/r_1/resume', 500, 'INTERNAL_ERROR'],
  ])('%s %s: %d %s', async (method, path, status, code) => {
    const answer = await ask(`/api/v1${path}`, { method });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ code });
    expect(JSON.stringify(answer.json)).not.toContain('hunter2');
  });

  it('come out of the client as they went in', async () => {
    await expect(server.client.call('cancelRun', { params: { id: 'r_1' } })).rejects.toMatchObject({
      code: 'RUN_ENDED',
      advice: 'Look.',
    });
  });
});

describe('a request', () => {
  it('has an id, its own where it brings one', async () => {
    const given = await ask('/api/v1/runs', { headers: { 'x-request-id': 'mine-1' } });
    expect(given.headers.get('x-request-id')).toBe('mine-1');
    expect(calls).toMatchObject([{ context: { correlationId: 'mine-1', actor: 'user:local' } }]);
    const bad = await ask('/api/v1/runs', { headers: { 'x-request-id': 'no spaces' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^q_/);
  });

  it('for what it has already is answered with 304 and nothing', async () => {
    const unless = (etag: string) =>
      fetch(`${server.url}/api/v1/tasks/t`, { headers: { 'if-none-match': etag } });
    for (const etag of ['"7"', 'W/"7"', '"6", "7"', '*']) {
      const answer = await unless(etag);
      expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([304, '', '"7"']);
    }
    expect((await unless('"6"')).status).toBe(200);
  });

  it('answers the revision as its ETag, and takes it back', async () => {
    expect((await ask('/api/v1/tasks/t')).headers.get('etag')).toBe('"7"');
    expect((await pause('', { 'if-match': '"12"' })).status).toBe(202);
    expect(calls.at(-1)).toMatchObject({ context: { expectedRevision: 12 } });
    const retry = (revision: number) => post('/api/v1/tasks/t/retry', '{}', { 'if-match': `"${revision}"` });
    expect((await retry(7)).status).toBe(202);
    expect(calls.at(-1)).toMatchObject({ name: 'retryTask', context: { expectedRevision: null } });
    expect((await retry(6)).status).toBe(412);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'k1' };

  it('gets the first answer for the same body, and 422 for another', async () => {
    const first = await pause('lunch', key);
    expect(await pause('lunch', key)).toMatchObject({ status: 202, json: first.json });
    expect(calls).toMatchObject([{ context: { commandId: expect.stringMatching(/^c_[0-9a-f]{32}$/) } }]);
    const other = await pause('dinner', key);
    expect(other).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect((await pause('dinner', key, 'r_2')).status).toBe(202);
  });

  it('of a command at work says when to come again', async () => {
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const pauseRun = async () => done.then(() => ({ id: 'r_1', position: '1' }));
    const slow = await startGateway({ operations: { pauseRun }, store: server.store });
    const asked = () => fetch(`${slow.url}/api/v1/runs/r_1/pause`, { method: 'POST', headers: key });
    const [early, late] = [asked(), asked()];
    const first = await Promise.race([early, late]);
    expect([first.status, first.headers.get('retry-after')]).toEqual([409, '1']);
    expect(await first.json()).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    resolve();
    expect((await Promise.all([early, late])).map(({ status }) => status).sort()).toEqual([202, 409]);
    await slow.gateway.close();
  });

  it('that is none is refused', async () => {
    const answer = await pause('', { 'idempotency-key': 'k'.repeat(256) });
    expect(answer).toMatchObject({ status: 400, json: { code: 'BAD_IDEMPOTENCY_KEY' } });
  });
});

describe('who is served', () => {
  const raw = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${server.url}/api/v1/runs`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end();
    });

  it.each([
    [{ host: 'evil.example:80' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:5173' }, 200],
    [{ host: 'localhost:1' }, 200],
  ])('%j: %d', async (headers, status) => {
    expect(await raw(headers)).toBe(status);
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.com', '127.evil.example'])(
    'never listens on %s without keys',
    (host) => {
      expect(() => refuseOpenHost(host, false)).toThrow(expect.objectContaining({ code: 'KEYS_REQUIRED' }));
    },
  );

  it('says when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(startGateway({ port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('beside the API', () => {
  it('health says what is wrong', async () => {
    expect((await ask('/health/live')).json).toEqual({ status: 'ok' });
    expect((await ask('/health/ready')).status).toBe(200);
    const check = async () => 'The disk is full.';
    const sick = await startGateway({ health: [{ name: 'store', check }] });
    const answer = await fetch(`${sick.url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ checks: [{ name: 'store', problem: 'The disk is full.' }] });
    await sick.stop();
  });

  it('OpenAPI has every operation', async () => {
    const { json: document } = await ask('/api/openapi.json');
    expect(document).toMatchObject({ openapi: '3.1.0' });
    const text = JSON.stringify(document);
    for (const name of Object.keys(operations)) expect(text).toContain(`"operationId":"${name}"`);
  });

  it('an artifact’s content is what was written, and nothing that a browser would run', async () => {
    const hash = await server.blobs.put('<script>alert(1)</script>');
    const artifact = { id: hash, contentType: 'text/html' };
    const html = await startGateway({
      blobs: server.blobs,
      operations: { getArtifact: async () => artifact as never },
    });
    const answer = await fetch(`${html.url}/api/v1/artifacts/${hash}/content`);
    expect(await answer.text()).toBe('<script>alert(1)</script>');
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    await html.stop();
  });
});

describe('anything at all', () => {
  const good = Object.keys(operations).filter(
    (name) => !['resumeRun', 'getApproval', 'getAgent', 'grantApproval', 'denyApproval'].includes(name),
  ) as OperationName[];

  it('never gets a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
        fc.dictionary(
          fc.constantFrom('limit', 'cursor', 'after', 'type', 'status', 'q', 'start', 'x'),
          fc.string({ maxLength: 8 }),
        ),
        fc.oneof(fc.json(), fc.string(), fc.constant('')),
        async (name, id, query, body) => {
          const { method, path } = operations[name];
          const url = `${server.url}/api/v1${path.replace(':id', encodeURIComponent(id))}?${new URLSearchParams(query)}`;
          const response = await fetch(url, method === 'GET' ? {} : { method, body, headers: json });
          await response.arrayBuffer();
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });
});
