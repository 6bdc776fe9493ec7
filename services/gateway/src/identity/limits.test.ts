import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { operations, type ProjectResource, type RunResource } from '@partitura/shared/http';
import { PartituraError, randomIds, type Service } from '@partitura/shared/runtime';
import { startGateway } from '../testing/gateway-under-test.ts';
import { newKey } from './keys.ts';
import { creating } from './quotas.ts';
import { resourceOf } from './scopes.ts';
import { type Ask, asking, makeKey } from './testing/asking.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
const project = { prd: { text: 'A goal.' }, repository: { url: '/tmp/x' } };

let store: EventStore;
let projects: { status: string; organizationId: string | null }[];
let runs: { id: string; status: string }[];
let behind: boolean;
let servers: Awaited<ReturnType<typeof startGateway>>[];

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** An owner that takes its time, so that whoever does not wait for it is seen. */
const owners: Service['operations'] = {
  listProjects: async ({ query }, { organizationId }) => {
    if (behind) throw new PartituraError('READ_MODEL_BEHIND', 'Not yet.');
    await turn();
    const mine = projects.filter((one) => one.organizationId === organizationId);
    const from = Number(query.cursor ?? 0);
    // A page of two, however many were asked for: pages are what it is about.
    const items = mine.slice(from, from + 2) as unknown as ProjectResource[];
    return { items, nextCursor: from + 2 < mine.length ? String(from + 2) : null };
  },
  createProject: async (_, { organizationId }) => {
    await turn();
    await turn();
    projects.push({ status: 'ready', organizationId });
    return { id: 'p', position: '1' };
  },
  listRuns: async ({ query }) => ({
    items: runs.filter(({ status }) => status === query.status) as unknown as RunResource[],
    nextCursor: null,
  }),
  getRun: async ({ params }) => runs.find(({ id }) => id === params.id) as unknown as RunResource,
  startRun: async () => ({ id: 'r', position: '1' }),
  retryRun: async () => ({ id: 'r', position: '1' }),
};

const start = async (options: Parameters<typeof startGateway>[0] = {}): Promise<Ask> => {
  const server = await startGateway({
    store,
    ids: randomIds(),
    operations: owners,
    apiKey: bootstrap.key,
    ...options,
  });
  servers.push(server);
  return asking(server.url);
};

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  [projects, runs, servers, behind] = [[], [], [], false];
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

describe('a quota', () => {
  it('is looked at by every operation that makes a project or a run', () => {
    const makes = Object.entries(operations).filter(
      ([, { status, owner, path }]) =>
        status === 201 && owner === 'orchestrator' && ['projects', 'runs'].includes(resourceOf(path)),
    );
    expect(makes.map(([name]) => [name, creating[name]])).toEqual(
      makes.map(([name, { path }]) => [
        name,
        resourceOf(path) === 'projects' ? 'maxProjects' : 'maxConcurrentRuns',
      ]),
    );
    expect(makes.length).toBeGreaterThanOrEqual(3);
  });

  const create = (ask: Ask, asked: object) => ask('POST', '/projects', { ...asked, body: project });

  it('of projects is kept however many are asked for at once, over pages, and what is archived does not count', async () => {
    const ask = await start();
    const me = await organization(ask, { maxProjects: 5 });
    projects.push(...Array.from({ length: 3 }, () => ({ status: 'archived', organizationId: 'acme' })));
    projects.push(...Array.from({ length: 9 }, () => ({ status: 'ready', organizationId: 'default' })));
    const answers = await Promise.all(Array.from({ length: 9 }, () => create(ask, me)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(5).fill(201),
      ...Array(4).fill(403),
    ]);
    const refused = answers.find(({ status }) => status === 403);
    expect(refused?.json).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      detail: expect.stringContaining('maxProjects'),
    });
    expect((await create(ask, bootstrap)).status).toBe(201);
  });

  it('that cannot be counted lets nothing through', async () => {
    const ask = await start();
    const me = await organization(ask, { maxProjects: 5 });
    behind = true;
    expect(await create(ask, me)).toMatchObject({ status: 503, code: 'READ_MODEL_BEHIND' });
    expect(projects).toEqual([]);
    behind = false;
    expect((await create(ask, me)).status).toBe(201);
  });

  it('of two servers at the same moment may be passed by one', async () => {
    const [one, other] = [await start(), await start()];
    const me = await organization(one, { maxProjects: 1 });
    await Promise.all([one, one, one, other, other, other].map((ask) => create(ask, me)));
    expect(projects.length).toBeGreaterThanOrEqual(1);
    expect(projects.length).toBeLessThanOrEqual(2);
  });

  it('of runs counts those that wait and those that are paused, and a retry where the run has ended', async () => {
    const ask = await start();
    const me = await organization(ask, { maxConcurrentRuns: 2 });
    const startRun = () => ask('POST', '/projects/p/runs', { ...me, body: {} });
    const retry = (id: string) => ask('POST', `/runs/${id}/retry`, { ...me, body: {} });
    runs = [
      { id: 'r_1', status: 'running' },
      { id: 'r_2', status: 'failed' },
    ];
    expect((await startRun()).status).toBe(201);
    runs.push({ id: 'r_3', status: 'paused' });
    expect((await startRun()).json).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      detail: expect.stringContaining('maxConcurrentRuns'),
    });
    expect((await retry('r_1')).status).toBe(202);
    expect((await retry('r_2')).code).toBe('QUOTA_EXCEEDED');
    runs.pop();
    expect((await retry('r_2')).status).toBe(202);
  });
});
