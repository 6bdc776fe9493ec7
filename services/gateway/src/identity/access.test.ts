import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { roles } from '@partitura/shared/events';
import { isOperationName, operations, type Role } from '@partitura/shared/http';
import { type Logger, randomIds, type Service } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { startGateway } from '../testing/gateway-under-test.ts';
import { isAtLeast, needOf } from './authorize.ts';
import { newKey } from './keys.ts';
import { type Ask, type Asked, asking, everyEvent, type MadeKey, makeKey } from './testing/asking.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };

let store: EventStore;
let clock: VirtualClock;
let logged: string[];
let reached: { name: string; context: unknown }[];
let servers: Awaited<ReturnType<typeof startGateway>>[];

const writtenDown = (): Logger => {
  const write = (fields: object, message: string) =>
    void logged.push(
      `${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? [value.message, value.stack, value.cause] : value))}`,
    );
  return { debug: write, info: write, warn: write, error: write, child: () => writtenDown() };
};

/** Owners that take everything. */
const owners = (): Service['operations'] =>
  Object.fromEntries(
    Object.entries(operations)
      .filter(([, { owner }]) => owner !== 'gateway')
      .map(([name]) => [
        name,
        async (_: unknown, context: unknown) => {
          reached.push({ name, context });
          return { id: 'x', position: '1', items: [], nextCursor: null };
        },
      ]),
  ) as Service['operations'];

const start = async (options: Parameters<typeof startGateway>[0] = {}): Promise<Ask> => {
  const server = await startGateway({
    store,
    clock,
    operations: owners(),
    logger: writtenDown(),
    ids: randomIds(),
    apiKey: bootstrap.key,
    ...options,
  });
  servers.push(server);
  return asking(server.url);
};

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  clock = virtualClock();
  [logged, reached, servers] = [[], [], []];
});
afterEach(async () => {
  for (const { gateway } of servers) await gateway.close();
  await store.close();
});

const organization = async (ask: Ask, id: string): Promise<void> => {
  expect((await ask('POST', '/organizations', { ...bootstrap, body: { name: id, id } })).status).toBe(201);
};
const denials = async () => (await everyEvent(store)).filter(({ type }) => type.startsWith('access.den'));

describe('who shows what', () => {
  it('is told so by code: none, mistyped, unknown, of another secret, expired, revoked', async () => {
    const ask = await start();
    const codeOf = async (key?: string) => {
      const { status, code } = await ask('GET', '/runs', key === undefined ? {} : { key });
      return [status, code];
    };
    const good = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const short = await makeKey(
      ask,
      { role: 'viewer', expiresAt: new Date(clock.now() + 60_000).toISOString() },
      bootstrap,
    );
    const revoked = await makeKey(ask, { role: 'viewer' }, bootstrap);
    await ask('DELETE', `/api-keys/${revoked.id}`, bootstrap);
    expect(await codeOf()).toEqual([401, 'KEY_REQUIRED']);
    expect(await codeOf(`${bootstrap.key}x`)).toEqual([401, 'KEY_UNKNOWN']);
    expect(await codeOf(`${good.secret.slice(0, -1)}`)).toEqual([401, 'KEY_UNKNOWN']);
    expect(await codeOf(newKey('default0123456789').text)).toEqual([401, 'KEY_UNKNOWN']);
    expect(await codeOf(newKey('nobody0123456789').text)).toEqual([401, 'KEY_UNKNOWN']);
    expect(await codeOf(newKey(good.id).text)).toEqual([401, 'KEY_UNKNOWN']);
    expect(await codeOf(revoked.secret)).toEqual([401, 'KEY_REVOKED']);
    expect(await codeOf(good.secret)).toEqual([200, null]);
    expect(await codeOf(short.secret)).toEqual([200, null]);
    await clock.advance(60_000);
    expect(await codeOf(short.secret)).toEqual([401, 'KEY_EXPIRED']);
    // Those alone whose key is known are worth a line: anybody can make up the others.
    expect(
      (await denials()).map(({ data, metadata }) => [Reflect.get(Object(data), 'code'), metadata.actor]),
    ).toEqual([
      ['KEY_UNKNOWN', `key:${good.id}`],
      ['KEY_REVOKED', `key:${revoked.id}`],
      ['KEY_EXPIRED', `key:${short.id}`],
    ]);
  });

  it('acts for the organisation of the key, and for none other', async () => {
    const ask = await start();
    await organization(ask, 'acme');
    await organization(ask, 'globex');
    const key = await makeKey(ask, { role: 'owner' }, { ...bootstrap, organization: 'acme' });
    await ask('GET', '/runs', { key: key.secret });
    expect(reached.at(-1)).toMatchObject({ context: { actor: `key:${key.id}`, organizationId: 'acme' } });
    expect(Object.keys(Object(reached.at(-1)?.context))).not.toContain('rights');
    expect((await ask('GET', '/runs', { key: key.secret, organization: 'acme' })).status).toBe(200);
    for (const other of ['globex', 'nowhere'])
      expect(await ask('GET', '/runs', { key: key.secret, organization: other })).toMatchObject({
        status: 404,
        code: 'ORGANIZATION_NOT_FOUND',
      });
    expect((await ask('GET', '/runs', { ...bootstrap, organization: '../x' })).code).toBe('BAD_ORGANIZATION');
    expect((await ask('GET', '/runs', { ...bootstrap, organization: 'nowhere' })).code).toBe(
      'ORGANIZATION_NOT_FOUND',
    );
    const list = await ask('GET', '/organizations', { key: key.secret });
    expect(list.json.items).toMatchObject([{ id: 'acme', keys: 1, quotas: { maxProjects: null } }]);
    const all = await ask('GET', '/organizations', bootstrap);
    expect(all.json.items).toMatchObject([{ id: 'acme' }, { id: 'default' }, { id: 'globex' }]);
  });

  it('finds nothing of another organisation, as if nobody had it', async () => {
    const ask = await start();
    await organization(ask, 'acme');
    await organization(ask, 'globex');
    const mine = await makeKey(ask, { role: 'owner' }, { ...bootstrap, organization: 'acme' });
    const theirs = await makeKey(ask, { role: 'viewer' }, { ...bootstrap, organization: 'globex' });
    const me = { key: mine.secret };
    const refusals = async (
      method: string,
      path: (id: string) => string,
      ids: readonly [string, string],
      body?: object,
    ) => {
      const answers = await Promise.all(
        ids.map(async (id) => {
          const { status, json } = await ask(method, path(id), { ...me, ...(body ? { body } : {}) });
          return JSON.stringify([status, json.code, String(json.detail).replaceAll(id, 'ID')]);
        }),
      );
      expect(answers[0]).toContain('404');
      expect(answers[1]).toBe(answers[0]);
    };
    const both = ['globex', 'nowhere'] as const;
    await refusals('DELETE', (id) => `/api-keys/${id}`, [theirs.id, 'nowhere0123456789']);
    await refusals('GET', (id) => `/organizations/${id}`, both);
    await refusals('PATCH', (id) => `/organizations/${id}`, both, { name: 'Mine' });
    await refusals('GET', (id) => `/organizations/${id}/members`, both);
    await refusals('POST', (id) => `/organizations/${id}/members`, both, { id: 'eve', role: 'owner' });
    await refusals('PATCH', (id) => `/organizations/${id}/members/ann`, both, { role: 'owner' });
    await refusals('DELETE', (id) => `/organizations/${id}/members/ann`, both);
    expect((await ask('GET', '/api-keys', me)).json.items).toMatchObject([{ id: mine.id }]);
    expect((await ask('GET', '/runs', { key: theirs.secret })).status).toBe(200);
    for (const body of [{ quotas: { maxProjects: 99 } }])
      expect(await ask('PATCH', '/organizations/acme', { ...me, body })).toMatchObject({
        status: 403,
        code: 'INSTALLATION_ONLY',
      });
    expect((await ask('POST', '/organizations', { ...me, body: { name: 'More' } })).code).toBe(
      'INSTALLATION_ONLY',
    );
  });

  it('on this machine alone may show nothing, or a key that is then the one that counts', async () => {
    const ask = await start({ apiKey: null });
    expect((await ask('GET', '/runs')).status).toBe(200);
    expect((await ask('GET', '/runs', { key: 'a-key-for-another-server' })).status).toBe(200);
    const viewer = await makeKey(ask, { role: 'viewer' });
    expect((await ask('POST', '/runs/r_1/pause', { key: viewer.secret, body: {} })).code).toBe(
      'ROLE_TOO_LOW',
    );
    await ask('DELETE', `/api-keys/${viewer.id}`);
    expect((await ask('GET', '/runs', { key: viewer.secret })).code).toBe('KEY_REVOKED');
  });
});

describe('what a role may', () => {
  const table = Object.entries(operations).map(([name, operation]) => ({ name, ...operation }));
  const pathOf = (path: string): string => path.replaceAll(/:[A-Za-z]+/g, 'x');
  const nonsense = (method: string, key: string): Asked =>
    method === 'GET' ? { key } : { key, body: { nonsense: true } };

  it('is what the table says, for every operation, before its input is looked at', async () => {
    const ask = await start();
    const keys = new Map<Role, MadeKey>();
    for (const role of roles) keys.set(role, await makeKey(ask, { role }, bootstrap));
    const cases = table.flatMap((operation) =>
      [...keys].map(([as, { secret }]) => ({ ...operation, as, secret })),
    );
    for (const { name, method, path, role: least, as, secret } of cases) {
      reached.length = 0;
      const { code, json } = await ask(method, pathOf(path), nonsense(method, secret));
      const refused =
        code === 'ROLE_TOO_LOW' && String(json.detail).startsWith(`This needs the role ${least}`);
      const gotThrough = refused ? [...reached] : [];
      expect({ name, as, refused, gotThrough }).toEqual({
        name,
        as,
        refused: !isAtLeast(as, least),
        gotThrough: [],
      });
    }
  });

  it('is narrowed by scopes: with just the one it goes through, with all others it does not', async () => {
    const ask = await start();
    const nameOf = (operation: (typeof table)[number]) => {
      const { resource, access } = needOf(operation).scope;
      return `${resource}:${access}`;
    };
    const names = [...new Set(table.map(nameOf))];
    for (const scope of names) {
      const by = table.filter((operation) => nameOf(operation) === scope);
      const others = names.filter((other) => other !== scope && other !== scope.replace(/:read$/, ':write'));
      const just = await makeKey(ask, { role: 'owner', scopes: [scope] }, bootstrap);
      const without = await makeKey(ask, { role: 'owner', scopes: others }, bootstrap);
      for (const { method, path } of by) {
        const through = await ask(method, pathOf(path), nonsense(method, just.secret));
        expect(through.code).not.toBe('SCOPE_MISSING');
        const { code, json } = await ask(method, pathOf(path), nonsense(method, without.secret));
        expect([method, path, code, json.detail]).toEqual([
          method,
          path,
          'SCOPE_MISSING',
          expect.stringContaining(scope),
        ]);
      }
    }
  });

  it('covers streams and contents beside the table', async () => {
    const ask = await start();
    const { secret: key } = await makeKey(ask, { role: 'owner', scopes: ['organizations:read'] }, bootstrap);
    for (const path of ['/events', '/agents/x/logs', '/artifacts/x/content'])
      expect((await ask('GET', path, { key })).code).toBe('SCOPE_MISSING');
    const { secret: runs } = await makeKey(ask, { role: 'owner', scopes: ['runs:write'] }, bootstrap);
    expect((await ask('POST', '/projects/p_1/runs', { key: runs, body: {} })).status).toBe(201);
    expect(isOperationName('startRun')).toBe(true);
  });

  it('ends with what its maker may', async () => {
    const ask = await start();
    const admin = await makeKey(ask, { role: 'admin', scopes: ['api-keys:write', 'runs:read'] }, bootstrap);
    const make = (body: object) =>
      ask('POST', '/api-keys', { key: admin.secret, body: { name: 'x', ...body } });
    expect((await make({ role: 'owner' })).code).toBe('ROLE_TOO_LOW');
    expect((await make({ role: 'viewer', scopes: ['runs:write'] })).code).toBe('SCOPE_MISSING');
    expect((await make({ role: 'viewer', scopes: ['runs:read'] })).status).toBe(201);
    const owner = await makeKey(ask, { role: 'owner' }, bootstrap);
    expect((await ask('DELETE', `/api-keys/${owner.id}`, { key: admin.secret })).code).toBe('ROLE_TOO_LOW');
    const body = { id: 'Eve@Example.com', role: 'owner' };
    const all = await makeKey(ask, { role: 'admin' }, bootstrap);
    expect((await ask('POST', '/organizations/default/members', { key: all.secret, body })).code).toBe(
      'ROLE_TOO_LOW',
    );
    expect((await ask('POST', '/organizations/default/members', { ...bootstrap, body })).json.id).toBe(
      'eve@example.com',
    );
    expect((await ask('DELETE', '/organizations/default/members/eve%40example.com', bootstrap)).code).toBe(
      'LAST_OWNER',
    );
    expect((await ask('GET', '/organizations/default/members', bootstrap)).json.items).toMatchObject([
      { id: 'eve@example.com', role: 'owner', revision: 0 },
    ]);
  });
});

describe('two servers on one log', () => {
  it('know of each other’s keys: made on one it is good on the other, revoked it is refused within a second', async () => {
    const [one, other] = [await start(), await start()];
    const status = async (ask: Ask, key: string) => (await ask('GET', '/runs', { key })).status;
    const first = await makeKey(one, { role: 'viewer' }, bootstrap);
    expect(await status(other, first.secret)).toBe(200);
    const second = await makeKey(one, { role: 'viewer' }, bootstrap);
    await clock.advance(1_000);
    expect(await status(other, second.secret)).toBe(200);
    await one('DELETE', `/api-keys/${first.id}`, bootstrap);
    expect(await status(one, first.secret)).toBe(401);
    await clock.advance(1_000);
    expect(await status(other, first.secret)).toBe(401);
    expect(await status(other, second.secret)).toBe(200);
  });

  it('cut off a stream whose key was revoked on the other, and say why when it comes again', async () => {
    const [one, other] = [await start(), await start()];
    const { secret, id } = await makeKey(one, { role: 'viewer' }, bootstrap);
    const follow = () =>
      fetch(`${servers[1]?.url}/api/v1/events`, { headers: { authorization: `Bearer ${secret}` } });
    const stream = await follow();
    const rest = stream.text().then(
      () => 'ended',
      () => 'cut off',
    );
    await clock.advance(60_000);
    expect((await other('GET', '/runs', { key: secret })).status).toBe(200);
    await one('DELETE', `/api-keys/${id}`, bootstrap);
    await clock.advance(10_000);
    expect(await rest).toBe('cut off');
    expect(await (await follow()).json()).toMatchObject({ status: 401, code: 'KEY_REVOKED' });
  });

  it('say once an hour, between them, that a key was used', async () => {
    const [one, other] = [await start(), await start()];
    const { secret: key, id } = await makeKey(one, { role: 'viewer' }, bootstrap);
    const uses = async () => (await everyEvent(store)).filter(({ type }) => type === 'key.used');
    const ask = () => Promise.all([one, other, one, other].map((server) => server('GET', '/runs', { key })));
    await ask();
    const lastUsed = async () => {
      const { items } = (await one('GET', '/api-keys', bootstrap)).json;
      return Array.isArray(items) ? items.find((item) => item.id === id)?.lastUsedAt : null;
    };
    while ((await lastUsed()) === null) await ask();
    const first = await lastUsed();
    await clock.advance(3_599_999);
    await ask();
    expect(await uses()).toHaveLength(1);
    await clock.advance(1);
    while ((await lastUsed()) === first) await ask();
    expect(await uses()).toHaveLength(2);
    expect((await uses()).map(({ metadata }) => metadata.actor)).toEqual([
      'service:gateway',
      'service:gateway',
    ]);
  });

  it('make one key of one command, and show it once', async () => {
    const [one, other] = [await start(), await start()];
    const asked = { ...bootstrap, body: { name: 'Once' }, headers: { 'idempotency-key': 'k-1' } };
    const answers = await Promise.all([one, other, one].map((ask) => ask('POST', '/api-keys', asked)));
    const again = await other('POST', '/api-keys', asked);
    expect(again).toMatchObject({ status: 201, json: { secret: null } });
    const shown = answers.filter(({ json }) => typeof json.secret === 'string');
    expect(shown).toHaveLength(1);
    expect(shown[0]?.json.id).toBe(again.json.id);
    expect((await everyEvent(store)).filter(({ type }) => type === 'key.created')).toHaveLength(1);
    expect((await one('GET', '/runs', { key: String(shown[0]?.json.secret) })).status).toBe(200);
  });
});

describe('denials', () => {
  it('say who was refused what and why, in the log of the organisation', async () => {
    const ask = await start();
    await organization(ask, 'acme');
    const { secret: key, id } = await makeKey(
      ask,
      { role: 'viewer' },
      { ...bootstrap, organization: 'acme' },
    );
    await ask('POST', '/runs/r_1/cancel?x=1', { key, body: {} });
    expect(await denials()).toMatchObject([
      {
        stream: 'audit-acme',
        type: 'access.denied',
        metadata: { actor: `key:${id}`, organizationId: 'acme' },
        data: { operation: 'cancelRun', target: '/api/v1/runs/r_1/cancel', code: 'ROLE_TOO_LOW' },
      },
    ]);
  });

  it('are also what is refused behind the door: rights one does not have, what is for the installation', async () => {
    const ask = await start();
    const { secret: key } = await makeKey(ask, { role: 'admin' }, bootstrap);
    await ask('POST', '/api-keys', { key, body: { name: 'More', role: 'owner' } });
    const owner = await makeKey(ask, { role: 'owner' }, bootstrap);
    await ask('PATCH', '/organizations/default', { key: owner.secret, body: { quotas: { maxProjects: 1 } } });
    await ask('GET', '/organizations/nowhere', { key });
    expect((await denials()).map(({ data }) => data)).toMatchObject([
      { operation: 'createApiKey', target: '/api/v1/api-keys', code: 'ROLE_TOO_LOW' },
      { operation: 'changeOrganization', target: '/api/v1/organizations/default', code: 'INSTALLATION_ONLY' },
    ]);
  });

  it('of a flood are ten, and one that says how many more; another minute begins anew', async () => {
    const ask = await start();
    const { secret: key } = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const { secret: other } = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const flood = (by: string, times: number) =>
      Promise.all(Array.from({ length: times }, () => ask('POST', '/runs/r_1/resume', { key: by })));
    await flood(key, 60);
    await flood(other, 1);
    expect(await denials()).toHaveLength(11);
    await clock.advance(60_000);
    while ((await denials()).length < 12) await ask('GET', '/runs', bootstrap);
    expect((await denials()).at(-1)).toMatchObject({
      type: 'access.denials_suppressed',
      data: { count: 50, codes: ['ROLE_TOO_LOW'] },
    });
    await flood(key, 12);
    expect(await denials()).toHaveLength(22);
    for (const { gateway } of servers.splice(0)) await gateway.close();
    expect((await denials()).at(-1)).toMatchObject({ data: { count: 2 } });
  });
});

describe('secrets', () => {
  it('are in no event, no error and no line of the log', async () => {
    const ask = await start();
    const made = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const body = { name: 'Kept', role: 'viewer' };
    const keyed = await ask('POST', '/api-keys', { ...bootstrap, body, headers: { 'idempotency-key': 'k' } });
    const secrets = [made.secret, String(keyed.json.secret), bootstrap.key];
    const answers = await Promise.all([
      ask('POST', '/runs/r_1/resume', { key: made.secret }),
      ask('GET', '/runs', { key: `${made.secret}x` }),
      ask('GET', '/api-keys', bootstrap),
      ask('POST', '/api-keys', { ...bootstrap, body, headers: { 'idempotency-key': 'k' } }),
    ]);
    await ask('DELETE', `/api-keys/${made.id}`, bootstrap);
    answers.push(await ask('GET', '/runs', { key: made.secret }));
    const everything = [
      JSON.stringify(await everyEvent(store)),
      JSON.stringify(answers.map(({ json }) => json)),
      ...logged,
    ].join('\n');
    for (const secret of secrets) {
      const random = secret.slice(secret.lastIndexOf('_') + 1);
      expect(everything).not.toContain(random.slice(0, 24));
    }
    expect(everything).toContain('key.created');
  });
});
