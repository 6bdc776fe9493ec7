import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { defaultOrganization } from '@partitura/shared/events';
import { apiClient } from '@partitura/shared/http';
import { type Configuration, loadConfiguration } from '@partitura/shared/runtime';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { openOrganizations } from './identity/organizations.ts';
import { accessSettings } from './listening.ts';
import { startGateway } from './testing/gateway-under-test.ts';

const key = 'a-key-of-the-server-0123456789';
const configurationOf = async (environment: Readonly<Record<string, string>>): Promise<Configuration> =>
  (await loadConfiguration({ environment, userFile: null, projectFile: null, flags: {} })).values;

describe('who has to show a key', () => {
  const world = () => ({ store: openSqliteEventStore({ path: ':memory:' }), clock: virtualClock() });

  it.each([
    ['nobody on this machine', {}, false],
    ['nobody on this machine, also where there is one', { PARTITURA_API_KEY: key }, false],
    ['everybody where it is asked for', { PARTITURA_API_KEY: key, PARTITURA_AUTH: 'required' }, true],
    ['everybody on other addresses', { PARTITURA_API_KEY: key, PARTITURA_HOST: '0.0.0.0' }, true],
  ])('%s', async (_, environment, keysRequired) => {
    const settings = await accessSettings(await configurationOf(environment), world());
    expect(settings).toMatchObject({ keysRequired, oidc: null });
  });

  it.each([{ PARTITURA_HOST: '0.0.0.0' }, { PARTITURA_AUTH: 'required' }])(
    'a server is not started with %j and no key that is good: none, one that was revoked, one that expired',
    async (environment) => {
      const configuration = await configurationOf(environment);
      const { store, clock } = world();
      const refused = () =>
        expect(accessSettings(configuration, { store, clock })).rejects.toMatchObject({
          code: 'KEYS_REQUIRED',
        });
      await refused();
      const organizations = openOrganizations(store, clock);
      const at = new Date(clock.now()).toISOString();
      const about = { organizationId: defaultOrganization, at };
      const metadata = { source: '/gateway', actor: 'user:x', correlationId: 'q', causationId: null };
      const by = { role: 'owner', scopes: null } as const;
      const make = (keyId: string, expiresAt: string | null) =>
        organizations.tell({
          commandId: keyId,
          metadata,
          command: {
            ...about,
            ...{ kind: 'create_key', keyId, name: 'x', role: 'viewer', scopes: null, expiresAt, by },
            hash: 'a'.repeat(64),
            createdBy: 'user:x',
          },
        });
      await make('one', null);
      expect(await accessSettings(configuration, { store, clock })).toMatchObject({ keysRequired: true });
      await organizations.tell({
        commandId: 'revoked',
        metadata,
        command: { ...about, kind: 'revoke_key', keyId: 'one', by },
      });
      await refused();
      await make('two', new Date(clock.now() + 1_000).toISOString());
      expect(await accessSettings(configuration, { store, clock })).toMatchObject({ keysRequired: true });
      await clock.advance(1_000);
      await refused();
    },
  );

  it('an issuer without an audience is refused: tokens for any other program would do', async () => {
    const configuration = await configurationOf({ PARTITURA_OIDC_ISSUER: 'https://id.example/' });
    await expect(accessSettings(configuration, world())).rejects.toMatchObject({
      code: 'CONFIGURATION',
      problems: [{ path: 'PARTITURA_OIDC_AUDIENCE' }],
    });
  });

  it.each(['http://id.example', 'ftp://id.example', 'id.example'])('%s is no issuer', async (issuer) => {
    await expect(configurationOf({ PARTITURA_OIDC_ISSUER: issuer })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      problems: [{ path: 'PARTITURA_OIDC_ISSUER' }],
    });
  });
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
