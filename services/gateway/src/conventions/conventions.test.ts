import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway } from '../testing/gateway-under-test.ts';

let server: Awaited<ReturnType<typeof startGateway>>;
const site = 'http://localhost:5173';
beforeAll(async () => {
  server = await startGateway({
    corsOrigins: [site],
    operations: {
      // The gateway writes what it gets: its shape does not matter here.
      listRuns: async () => ({ items: Array.from({ length: 200 }, () => 'run'), nextCursor: null }) as never,
      getRun: async () => ({ id: 'r_1', revision: 3 }) as never,
    },
  });
});
afterAll(() => server.stop());

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
};

/** Bytes in, bytes out: what no client would send. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8').on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
  });

describe('what is refused', () => {
  it.each<readonly [string, string, RequestInit, number, string]>([
    ['an answer in XML', '/api/v1/runs', { headers: { accept: 'text/xml' } }, 406, 'NOT_ACCEPTABLE'],
    ['no JSON', '/api/v1/runs', { headers: { accept: 'application/json;q=0' } }, 406, 'NOT_ACCEPTABLE'],
    ['a long URL', `/api/v1/runs?cursor=${'x'.repeat(8_200)}`, {}, 414, 'URL_TOO_LONG'],
    ['a position of nowhere', '/api/v1/runs?after=nowhere', {}, 400, 'INVALID_POSITION'],
    ['an unknown parameter', '/api/v1/runs/r_1?x=1', {}, 400, 'BAD_REQUEST'],
    ['another method', '/api/openapi.json', { method: 'PUT' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a compressed body',
      '/api/v1/projects',
      {
        method: 'POST',
        body: gzipSync('{}'),
        headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
      },
      415,
      'CONTENT_ENCODING_NOT_SUPPORTED',
    ],
    [
      'a body of 2 MB where no PRD is expected',
      '/api/v1/runs/r_1/pause',
      {
        method: 'POST',
        body: JSON.stringify({ reason: 'x'.repeat(2_000_000) }),
        headers: { 'content-type': 'application/json' },
      },
      413,
      'BODY_TOO_LARGE',
    ],
  ])('%s', async (_, path, init, status, code) => {
    const answer = await ask(path, init);
    expect(JSON.parse(answer.text)).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('x-request-id')).toMatch(/^q_/);
  });

  it.each([
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'MALFORMED_HTTP'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'MALFORMED_HTTP',
    ],
    [
      'huge headers',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('%s', async (_, text, status, code) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});

describe('an answer', () => {
  it('is JSON for who takes anything, or would rather have a page', async () => {
    for (const accept of ['*/*', 'application/*', 'text/html,application/xhtml+xml,*/*;q=0.8', ''])
      expect((await ask('/api/v1/runs', { headers: { accept } })).status).toBe(200);
  });

  it('is compressed for who takes it so', async () => {
    const answer = await raw(
      'GET /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n',
    );
    expect(answer.toLowerCase()).toContain('content-encoding: gzip');
    const response = await fetch(`${server.url}/api/v1/runs`, { headers: { 'accept-encoding': 'identity' } });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect((await response.text()).length).toBeGreaterThan(1_000);
  });

  it('says what a browser may do with it', async () => {
    const { headers } = await ask('/api/v1/runs');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('to HEAD has all but the body, and to OPTIONS what there is', async () => {
    const head = await ask('/api/v1/runs/r_1', { method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', '"3"']);
    const options = await ask('/api/v1/runs/r_1', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await ask('/nothing', { method: 'OPTIONS' })).status).toBe(404);
  });
});

describe('a page of another site', () => {
  const preflight = (origin: string, path = '/api/v1/projects') =>
    ask(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it('may ask when it is named', async () => {
    const may = await preflight(site);
    expect(may.status).toBe(204);
    expect(may.headers.get('access-control-allow-origin')).toBe(site);
    expect(may.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    const { headers } = await ask('/api/v1/runs', { headers: { origin: site } });
    expect(headers.get('access-control-allow-origin')).toBe(site);
    expect(headers.get('access-control-expose-headers')).toContain('etag');
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  it('sees its events too', async () => {
    const gone = new AbortController();
    const events = await fetch(`${server.url}/api/v1/events`, {
      headers: { origin: site, 'accept-encoding': 'gzip' },
      signal: gone.signal,
    });
    expect(events.headers.get('access-control-allow-origin')).toBe(site);
    expect(events.headers.get('content-encoding')).toBeNull();
    gone.abort();
  });

  it('may not when it is another, or when none is named', async () => {
    expect((await preflight('http://localhost:9')).headers.get('access-control-allow-origin')).toBeNull();
    const closed = await startGateway();
    const answer = await fetch(`${closed.url}/api/v1/runs`, { headers: { origin: site } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    await closed.stop();
  });
});
