import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { apiClient } from '@partitura/shared/http';
import { type Configuration, loadConfiguration } from '@partitura/shared/runtime';
import { keyAskedFor } from './listening.ts';
import { startGateway } from './testing/gateway-under-test.ts';

const key = 'a-key-of-the-server-0123456789';
const configurationOf = async (environment: Readonly<Record<string, string>>): Promise<Configuration> =>
  (await loadConfiguration({ environment, userFile: null, projectFile: null, flags: {} })).values;

describe('who has to show a key', () => {
  it.each([
    ['nobody on this machine', {}, null],
    ['nobody on this machine, also where there is one', { PARTITURA_API_KEY: key }, null],
    ['everybody where it is asked for', { PARTITURA_API_KEY: key, PARTITURA_AUTH: 'required' }, key],
    ['everybody on other addresses', { PARTITURA_API_KEY: key, PARTITURA_HOST: '0.0.0.0' }, key],
  ])('%s', async (_, environment, expected) => {
    expect(keyAskedFor(await configurationOf(environment))).toBe(expected);
  });

  it.each([{ PARTITURA_HOST: '0.0.0.0' }, { PARTITURA_AUTH: 'required' }])(
    'a server is not started with %j and no key',
    async (environment) => {
      const configuration = await configurationOf(environment);
      expect(() => keyAskedFor(configuration)).toThrow(expect.objectContaining({ code: 'KEYS_REQUIRED' }));
    },
  );
});

describe('a gateway that asks for a key', () => {
  let server: Awaited<ReturnType<typeof startGateway>>;
  beforeEach(async () => {
    server = await startGateway({
      apiKey: key,
      operations: { listRuns: async () => ({ items: [], nextCursor: null }) },
    });
  });
  afterEach(() => server.stop());

  const statusOf = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
    (await fetch(`${server.url}${path}`, { headers })).status;

  it.each([
    '/api/v1/runs',
    '/api/v1/events',
    '/api/openapi.json',
    '/metrics',
    '/nowhere',
    '/health/../api/v1/runs',
  ])('answers %s only to who shows it', async (path) => {
    expect(await statusOf(path)).toBe(401);
    expect(await statusOf(path, { authorization: `Bearer ${key}x` })).toBe(401);
    expect(await statusOf(path, { authorization: key })).toBe(401);
  });

  it('answers who shows it, wherever they come from', async () => {
    const client = apiClient({ baseUrl: server.url, apiKey: key });
    expect(await client.call('listRuns', {})).toEqual({ items: [], nextCursor: null });
    const origin = 'https://elsewhere.example';
    expect(await statusOf('/api/v1/runs', { authorization: `Bearer ${key}`, origin })).toBe(200);
  });

  it('tells anybody whether it is alive and ready', async () => {
    expect(await statusOf('/health/live')).toBe(200);
    expect(await statusOf('/health/ready')).toBe(200);
  });
});
