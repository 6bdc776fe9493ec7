import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { serviceCredentials } from './credentials.ts';

const sample = fileURLToPath(new URL('../testing/sample-service.ts', import.meta.url));
const key = 'a-key-of-the-services-0123456789abcdef';
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const start = (environment: Readonly<Record<string, string>> = { PARTITURA_SERVICE_KEY: key }) => {
  const child = spawn(process.execPath, [sample], {
    env: { PATH: process.env.PATH ?? '', PARTITURA_PORT: '0', ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`It ended before it said ${pattern}:\n${said}`);
      await Promise.race([once(child.stderr, 'data'), ended]);
    }
  };
  const url = async (): Promise<string> => (await until(/"url":"([^"]+)","pid"/))[1] ?? '';
  return { child, ended, until, url, said: () => said };
};

const call = async (url: string, audience: string, secret: string, id: string) => {
  const authorization = await serviceCredentials(secret, 'gateway', systemClock).authorizationFor(audience);
  const context = {
    actor: 'user:x',
    organizationId: null,
    correlationId: 'q',
    commandId: 'c',
    expectedRevision: null,
  };
  return fetch(`${url}/operations/getRun`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ params: { id }, query: {}, body: null, context }),
  });
};

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

describe('a service as a process of its own', () => {
  it('is alive while it waits for its engines, ready after that, and ends when it has finished what it had in hand', async () => {
    const service = start();
    const url = await service.url();
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    expect((await call(url, 'projections', key, 'r')).status).toBe(503);
    service.child.stdin?.write('go\n');
    await service.until(/"msg":"ready"/);
    expect(await statusOf(`${url}/health/ready`)).toBe(200);

    const inHand = call(url, 'projections', key, 'slow');
    service.child.kill('SIGTERM');
    await service.until(/stopping slowly/);
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    expect(await (await inHand).json()).toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await service.ended).toBe(0);
  });

  it('answers nobody who does not have the key', async () => {
    const service = start();
    const url = await service.url();
    service.child.stdin?.write('go\n');
    await service.until(/"msg":"ready"/);
    expect((await call(url, 'projections', key, 'r')).status).toBe(422);
    expect((await call(url, 'orchestrator', key, 'r')).status).toBe(401);
    expect((await call(url, 'projections', `another-${key}`, 'r')).status).toBe(401);
    const bare = await fetch(`${url}/operations/getRun`, { method: 'POST' });
    expect(bare.status).toBe(401);
    expect(service.said()).not.toContain(key);
  });

  it.each([
    ['without a key', {}, 2, /PARTITURA_SERVICE_KEY is not set/],
    ['with a short key', { PARTITURA_SERVICE_KEY: 'short' }, 2, /PARTITURA_SERVICE_KEY has to have 32/],
    [
      'with a variable nobody knows',
      { PARTITURA_SERVICE_KEY: key, PARTITURA_X: '1' },
      2,
      /PARTITURA_X is not a/,
    ],
    [
      'on an address of another machine',
      { PARTITURA_SERVICE_KEY: key, PARTITURA_HOST: '192.0.2.1' },
      1,
      /HOST_NOT_AVAILABLE/,
    ],
  ])('does not start %s, and says why', async (_, environment, code, message) => {
    const service = start(environment);
    expect(await service.ended).toBe(code);
    expect(service.said()).toMatch(message);
  });

  it('ends with 1, and says why, when an engine cannot be had', async () => {
    const service = start();
    await service.url();
    service.child.stdin?.write('fail\n');
    expect(await service.ended).toBe(1);
    expect(service.said()).toContain('"code":"STORE_UNREACHABLE"');
    expect(service.said()).toContain('No engine. Start it.');
  });

  it('ends at once when it is asked to while it waits, or asked twice', async () => {
    const waiting = start();
    await waiting.url();
    waiting.child.kill('SIGTERM');
    expect(await waiting.ended).toBe(0);

    const working = start();
    await working.url();
    working.child.stdin?.write('go\n');
    await working.until(/"msg":"ready"/);
    working.child.kill('SIGTERM');
    await working.until(/stopping slowly/);
    working.child.kill('SIGTERM');
    expect(await working.ended).toBe(130);
  });
});
