import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import type { Service } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { SignJWT, UnsecuredJWT } from 'jose';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type Ask, asking, everyEvent } from './testing/asking.ts';
import { type IdentityProvider, startIdentityProvider } from './testing/identity-provider.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
let store: EventStore;
let clock: VirtualClock;
let provider: IdentityProvider;
let server: Awaited<ReturnType<typeof startGateway>>;
let ask: Ask;
let seen: unknown[];

const owners: Service['operations'] = {
  listRuns: async (_, context) => {
    seen.push(context);
    return { items: [], nextCursor: null };
  },
};

beforeEach(async () => {
  store = openSqliteEventStore({ path: ':memory:' });
  clock = virtualClock();
  seen = [];
  provider = await startIdentityProvider(clock.now);
  const { issuer } = provider;
  const oidc = { issuer, audience: 'partitura', jwksUrl: null, organizationClaim: 'org' };
  server = await startGateway({ store, clock, operations: owners, apiKey: bootstrap.key, oidc });
  ask = asking(server.url);
  for (const id of ['acme', 'globex'])
    await ask('POST', '/organizations', { ...bootstrap, body: { name: id, id } });
  const member = (organization: string, id: string, role: string) =>
    ask('POST', `/organizations/${organization}/members`, { ...bootstrap, body: { id, role } });
  await member('acme', 'ann', 'operator');
  await member('globex', 'ann', 'viewer');
  await member('default', 'bob@example.com', 'viewer');
});
afterEach(async () => {
  await server.stop();
  await provider.close();
});

const answer = async (key: string, organization?: string) => {
  const { status, code } = await ask('GET', '/runs', {
    key,
    ...(organization === undefined ? {} : { organization }),
  });
  return [status, code];
};

describe('a bearer token', () => {
  it('acts for the organisation of the header, else of its claim, else the default one, with the role it has there', async () => {
    const ann = await provider.sign({ sub: 'ann', org: 'acme' });
    expect(await answer(ann)).toEqual([200, null]);
    expect(seen.at(-1)).toMatchObject({ actor: 'user:ann', organizationId: 'acme' });
    expect(await answer(ann, 'globex')).toEqual([200, null]);
    expect(seen.at(-1)).toMatchObject({ organizationId: 'globex' });
    expect((await ask('POST', '/runs/x/pause', { key: ann, body: {} })).code).toBe('OPERATION_NOT_AVAILABLE');
    expect((await ask('POST', '/runs/x/pause', { key: ann, organization: 'globex', body: {} })).code).toBe(
      'ROLE_TOO_LOW',
    );
    expect(await answer(await provider.sign({ sub: 'ann' }))).toEqual([403, 'NOT_A_MEMBER']);
  });

  it('belongs to a member by e-mail address only where the provider has verified it', async () => {
    const bob = { sub: '42', email: 'Bob@Example.com' };
    expect(await answer(await provider.sign({ ...bob, email_verified: true }))).toEqual([200, null]);
    expect(await answer(await provider.sign({ ...bob, email_verified: false }))).toEqual([
      403,
      'NOT_A_MEMBER',
    ]);
    expect(await answer(await provider.sign(bob))).toEqual([403, 'NOT_A_MEMBER']);
  });

  it('of nobody here is told the same of an organisation that exists and of one that does not', async () => {
    const eve = await provider.sign({ sub: 'eve' });
    const told = async (organization: string) => {
      const { status, json } = await ask('GET', '/runs', { key: eve, organization });
      return JSON.stringify([status, json.code, json.detail]).replaceAll(organization, 'ID');
    };
    expect(await told('acme')).toBe(await told('nowhere'));
    const denied = (await everyEvent(store)).filter(({ type }) => type === 'access.denied');
    expect(denied).toMatchObject([
      { stream: 'audit-acme', metadata: { actor: 'user:eve' }, data: { code: 'NOT_A_MEMBER' } },
    ]);
  });

  it('is refused by code when it is wrong', async () => {
    const ann = { sub: 'ann', org: 'acme' };
    expect(await answer(await provider.sign(ann, { expiresAt: clock.now() - 31_000 }))).toEqual([
      401,
      'TOKEN_EXPIRED',
    ]);
    expect(await answer(await provider.sign(ann, { audience: 'another' }))).toEqual([401, 'TOKEN_AUDIENCE']);
    expect(await answer(await provider.sign(ann, { issuer: 'https://else.example' }))).toEqual([
      401,
      'TOKEN_ISSUER',
    ]);
    expect(await answer(await provider.sign(ann, { forged: true }))).toEqual([401, 'TOKEN_INVALID']);
    expect(await answer(await provider.sign(ann, { kid: 'two' }))).toEqual([401, 'TOKEN_INVALID']);
    expect(await answer(await provider.sign({ org: 'acme' }))).toEqual([401, 'TOKEN_INVALID']);
    const claims = {
      ...ann,
      iss: provider.issuer,
      aud: 'partitura',
      exp: Math.floor(clock.now() / 1_000) + 600,
    };
    expect(await answer(new UnsecuredJWT(claims).encode())).toEqual([401, 'TOKEN_INVALID']);
    const shared = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' });
    expect(await answer(await shared.sign(new Uint8Array(32)))).toEqual([401, 'TOKEN_INVALID']);
    const [head, , signature] = (await provider.sign(ann)).split('.');
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
    expect(await answer(`${head}.${other}.${signature}`)).toEqual([401, 'TOKEN_INVALID']);
    for (const text of ['a.b.c', 'a..', `${'x'.repeat(5_000)}.y.z`])
      expect(await answer(text)).toEqual([401, 'TOKEN_INVALID']);
    expect(seen).toEqual([]);
    expect(await answer(await provider.sign(ann))).toEqual([200, null]);
  });

  it('is good for as long as it says, and what the provider says is asked once', async () => {
    const token = await provider.sign({ sub: 'ann', org: 'acme' });
    await Promise.all(Array.from({ length: 20 }, () => answer(token)));
    expect(provider.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    await clock.advance(630_001);
    expect(await answer(token)).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('waits for a provider that is away, which is left alone meanwhile, while keys go on', async () => {
    provider.away = true;
    const token = await provider.sign({ sub: 'ann', org: 'acme' });
    expect(await answer(token)).toEqual([503, 'IDENTITY_PROVIDER_UNREACHABLE']);
    const asked = provider.asked.length;
    provider.away = false;
    for (let times = 0; times < 5; times += 1)
      expect(await answer(token)).toEqual([503, 'IDENTITY_PROVIDER_UNREACHABLE']);
    expect(provider.asked).toHaveLength(asked);
    expect((await ask('GET', '/runs', bootstrap)).status).toBe(200);
    await clock.advance(5_000);
    expect(await answer(token)).toEqual([200, null]);
  });
});
