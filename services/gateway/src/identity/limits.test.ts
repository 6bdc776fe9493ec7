import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { randomIds } from '@partitura/shared/runtime';
import { startGateway } from '../testing/gateway-under-test.ts';
import { newKey } from './keys.ts';
import { type Ask, asking, makeKey } from './testing/asking.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
const listRuns = async () => ({ items: [], nextCursor: null });

let store: EventStore;
let servers: Awaited<ReturnType<typeof startGateway>>[];

const start = async (options: Parameters<typeof startGateway>[0] = {}): Promise<Ask> => {
  const server = await startGateway({
    store,
    ids: randomIds(),
    operations: { listRuns, retryRun: async () => ({ id: 'r', position: '1' }) },
    apiKey: bootstrap.key,
    ...options,
  });
  servers.push(server);
  return asking(server.url);
};

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  servers = [];
});
afterEach(async () => {
  for (const { gateway } of servers) await gateway.close();
  await store.close();
});

/** An organisation with these quotas, and what its owner asks with. */
const organization = async (ask: Ask, quotas: object) => {
  await ask('POST', '/organizations', { ...bootstrap, body: { name: 'Acme', id: 'acme', quotas } });
  const { secret } = await makeKey(ask, { role: 'owner' }, { ...bootstrap, organization: 'acme' });
  return { key: secret };
};

describe('requests', () => {
  it('are counted by caller, and refused beyond the limit until the minute is over', async () => {
    const ask = await start({ limits: { perCaller: 3 } });
    const { secret: key } = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const { headers } = await ask('GET', '/runs', { key });
    expect(headers.get('ratelimit-policy')).toBe('"caller";q=3;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"caller";r=2;t=\d+$/);
    await ask('GET', '/runs', { key });
    await ask('POST', '/runs/x/retry', { key, body: {} });
    const refused = await ask('GET', '/runs', { key });
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit')).toMatch(/^"caller";r=0;t=\d+$/);
    const { secret: other } = await makeKey(ask, { role: 'viewer' }, bootstrap);
    expect((await ask('GET', '/runs', { key: other })).status).toBe(200);
  });

  it('of an organisation are counted together, against its quota', async () => {
    const ask = await start();
    const me = await organization(ask, { requestsPerMinute: 5 });
    const { secret } = await makeKey(ask, { role: 'viewer' }, me);
    const you = { key: secret };
    const first = await ask('GET', '/runs', you);
    expect(first.headers.get('ratelimit-policy')).toBe('"caller";q=6000;w=60, "organization";q=5;w=60');
    const statuses: number[] = [];
    for (const asked of [me, you, me, you]) statuses.push((await ask('GET', '/runs', asked)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await ask('GET', '/runs', { ...bootstrap })).status).toBe(200);
  });

  it('without a good key are counted by address, and shut nobody else out', async () => {
    const ask = await start({ limits: { refusedPerAddress: 5 } });
    const statuses: number[] = [];
    for (let times = 0; times < 7; times += 1)
      statuses.push((await ask('GET', '/runs', { key: newKey('nobody0123456789').text })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await ask('GET', '/runs', bootstrap)).status).toBe(200);
  });

  it('on this machine are as many as one likes, and counted all the same', async () => {
    const ask = await start({ apiKey: null, limits: { perCaller: 1 } });
    await ask('GET', '/runs');
    const { status, headers } = await ask('GET', '/runs');
    expect(status).toBe(200);
    expect(headers.get('ratelimit')).toMatch(/^"caller";r=\d+;t=\d+$/);
  });
});
