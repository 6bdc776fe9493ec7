import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { operations } from '@partitura/shared/http';
import { type Clock, PartituraError, randomIds, systemClock } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { startGateway } from '../testing/gateway-under-test.ts';
import { heldMs } from './quota-ledger.ts';
import { creating } from './quotas.ts';
import { resourceOf } from './scopes.ts';
import { type Answer, type Ask, asking, makeKey } from './testing/asking.ts';
import { type Owners, startOwners } from './testing/owners.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
const project = { prd: { text: 'A goal.' }, repository: { url: '/tmp/x' } };

let store: EventStore;
let clock: VirtualClock;
let owners: Owners;
let servers: Awaited<ReturnType<typeof startGateway>>[];

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  clock = virtualClock();
  owners = startOwners();
  servers = [];
});
afterEach(async () => {
  for (const { gateway } of servers) await gateway.close();
  await store.close();
});

/** @param time of the gateway's; one that stands still makes it wait for nobody */
const start = async (time: Clock = systemClock): Promise<Ask> => {
  const { operations } = owners;
  const server = await startGateway({
    store,
    clock: time,
    ids: randomIds(),
    operations,
    apiKey: bootstrap.key,
    limits: { quotaPatienceMs: time === systemClock ? 600_000 : 0 },
  });
  servers.push(server);
  return asking(server.url);
};

/** An organisation with these quotas, and what its owner asks with. */
const organization = async (ask: Ask, quotas: object) => {
  await ask('POST', '/organizations', { ...bootstrap, body: { name: 'Acme', id: 'acme', quotas } });
  const { secret } = await makeKey(ask, { role: 'owner' }, { ...bootstrap, organization: 'acme' });
  return { key: secret };
};

const create = (ask: Ask, asked: object): Promise<Answer> =>
  ask('POST', '/projects', { ...asked, body: project });

const made = (answers: readonly Answer[]): number => answers.filter(({ status }) => status === 201).length;

describe('a quota', () => {
  it('is looked at by every operation that makes a project or a run', () => {
    const makes = Object.entries(operations).filter(
      ([, { status, owner, path }]) =>
        status === 201 && owner === 'orchestrator' && ['projects', 'runs'].includes(resourceOf(path)),
    );
    expect(makes.map(([name]) => [name, creating[name]?.quota])).toEqual(
      makes.map(([name, { path }]) => [
        name,
        resourceOf(path) === 'projects' ? 'maxProjects' : 'maxConcurrentRuns',
      ]),
    );
    expect(makes.length).toBeGreaterThanOrEqual(3);
  });

  it('of projects is kept over pages, and what is archived or of others does not count', async () => {
    const ask = await start();
    const me = await organization(ask, { maxProjects: 5 });
    for (let count = 0; count < 9; count += 1)
      owners.projects.push(
        { id: `a${count}`, status: 'archived', organizationId: 'acme' },
        { id: `d${count}`, status: 'ready', organizationId: 'default' },
      );
    const answers = await Promise.all(Array.from({ length: 9 }, () => create(ask, me)));
    expect(made(answers)).toBe(5);
    expect(answers.find(({ status }) => status === 403)?.json).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      detail: expect.stringContaining('maxProjects'),
    });
    expect((await create(ask, bootstrap)).status).toBe(201);
  });

  it('is exact among gateways that know of each other only what the log says', async () => {
    const gateways = [await start(), await start(), await start()];
    const [one, two] = gateways;
    if (!one || !two) throw new Error('There are three.');
    const me = await organization(one, { maxProjects: 5 });
    const atOnce = async (): Promise<number> =>
      made(await Promise.all(Array.from({ length: 21 }, (_, at) => create(gateways[at % 3] ?? one, me))));
    expect(await atOnce()).toBe(5);
    expect(owners.projects).toHaveLength(5);
    expect(await atOnce()).toBe(0);
    for (const archived of owners.projects.slice(0, 2)) archived.status = 'archived';
    expect(await atOnce()).toBe(2);
    expect(owners.projects).toHaveLength(7);
  });

  it('that cannot be counted lets nothing through', async () => {
    const ask = await start();
    const me = await organization(ask, { maxProjects: 5 });
    owners.behind = true;
    expect(await create(ask, me)).toMatchObject({ status: 503, code: 'READ_MODEL_BEHIND' });
    expect(owners.projects).toEqual([]);
    owners.behind = false;
    expect((await create(ask, me)).status).toBe(201);
  });
});

describe('a place under a quota', () => {
  it('is given back at once by what is refused', async () => {
    const ask = await start();
    const me = await organization(ask, { maxProjects: 1 });
    owners.before = () => Promise.reject(new PartituraError('REPOSITORY_NOT_FOUND', 'There is none.'));
    expect((await create(ask, me)).status).toBeLessThan(500);
    owners.before = async () => undefined;
    expect((await create(ask, me)).status).toBe(201);
  });

  it('that may be given back yet is waited for', async () => {
    const [one, other] = [await start(), await start()];
    const me = await organization(one, { maxProjects: 1 });
    const begun = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<void>();
    owners.before = async () => {
      begun.resolve();
      await refused.promise;
      throw new PartituraError('REPOSITORY_NOT_FOUND', 'There is none.');
    };
    const first = create(one, me);
    await begun.promise;
    owners.before = async () => undefined;
    const reading = owners.reads;
    const second = create(other, me);
    // The other one has looked, and seen that the only place is spoken for.
    while (owners.reads === reading) await new Promise((resolve) => setImmediate(resolve));
    refused.resolve();
    expect((await first).status).toBeLessThan(500);
    expect((await second).status).toBe(201);
  });

  it('is held while nobody knows what came of it, and not for ever', async () => {
    const [one, other] = [await start(clock), await start(clock)];
    const me = await organization(one, { maxProjects: 1 });
    // Who was to make it is frozen, and so whoever asked for it never hears of it.
    const thawed = Promise.withResolvers<void>();
    const frozen = Promise.withResolvers<void>();
    owners.before = () => {
      frozen.resolve();
      return thawed.promise;
    };
    const asked = create(one, me);
    await frozen.promise;
    owners.before = async () => undefined;
    await clock.advance(heldMs - 1);
    expect((await create(other, me)).code).toBe('QUOTA_EXCEEDED');
    await clock.advance(1);
    expect((await create(other, me)).status).toBe(201);
    thawed.resolve();
    await asked;
  });

  it('is the same one for the same command that comes again', async () => {
    const ask = await start(clock);
    const me = { ...(await organization(ask, { maxProjects: 1 })), headers: { 'idempotency-key': 'k-1' } };
    // It is made, and who made it ends before it can say so.
    owners.after = () => Promise.reject(new Error('Gone.'));
    expect((await create(ask, me)).status).toBe(500);
    owners.after = async () => undefined;
    expect((await create(ask, { key: me.key })).code).toBe('QUOTA_EXCEEDED');
    expect((await create(ask, me)).status).toBe(201);
    expect(owners.projects).toHaveLength(1);
    // It is counted once: by what there is, or by what is about to be.
    for (const archived of owners.projects) archived.status = 'archived';
    expect((await create(ask, { key: me.key })).status).toBe(201);
  });
});

describe('a quota of runs', () => {
  it('counts those that wait and those that are paused, and what is opened again where the run has ended', async () => {
    const ask = await start();
    const me = await organization(ask, { maxConcurrentRuns: 2 });
    const startRun = () => ask('POST', '/projects/p/runs', { ...me, body: {} });
    const retry = (id: string) => ask('POST', `/runs/${id}/retry`, { ...me, body: {} });
    const reject = (redo: boolean) =>
      ask('POST', '/tasks/r_2.T1/reject', { ...me, body: { reason: 'No.', redo } });
    owners.runs.push({ id: 'r_1', status: 'running' }, { id: 'r_2', status: 'failed' });
    expect((await startRun()).status).toBe(201);
    const paused = { id: 'r_3', status: 'paused' };
    owners.runs.push(paused);
    expect((await startRun()).json).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      detail: expect.stringContaining('maxConcurrentRuns'),
    });
    expect((await retry('r_1')).status).toBe(202);
    expect((await retry('r_2')).code).toBe('QUOTA_EXCEEDED');
    expect((await reject(true)).code).toBe('QUOTA_EXCEEDED');
    expect((await reject(false)).status).toBe(202);
    paused.status = 'completed';
    expect((await reject(true)).status).toBe(202);
    expect((await retry('r_2')).status).toBe(202);
  });
});
