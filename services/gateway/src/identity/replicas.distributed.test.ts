import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectEventStoreDb, type EventStore } from '@partitura/shared/event-store';
import {
  type EventStoreDbServer,
  startEventStoreDbServer,
} from '@partitura/shared/event-store/eventstoredb/testing';
import { randomIds, systemClock } from '@partitura/shared/runtime';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type Ask, asking, everyEvent, makeKey } from './testing/asking.ts';
import { type Owners, startOwners } from './testing/owners.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
let database: EventStoreDbServer;
let store: EventStore;
let owners: Owners;
let servers: Awaited<ReturnType<typeof startGateway>>[];

beforeEach(async () => {
  database = await startEventStoreDbServer();
  owners = startOwners();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  await database.close();
});

/** A gateway with a connection of its own. */
const start = async (): Promise<Ask> => {
  store = await connectEventStoreDb({ url: `esdb://${database.address}?tls=false`, clock: systemClock });
  const server = await startGateway({
    store,
    ids: randomIds(),
    apiKey: bootstrap.key,
    operations: owners.operations,
  });
  servers.push(server);
  return asking(server.url);
};

describe('two gateways on EventStoreDB', () => {
  it('let in whom the other lets in, and nobody any more whom the other has shut out', async () => {
    const [one, other] = [await start(), await start()];
    await one('POST', '/organizations', { ...bootstrap, body: { name: 'Acme', id: 'acme' } });
    const { id, secret: key } = await makeKey(one, { role: 'admin' }, { ...bootstrap, organization: 'acme' });
    expect((await other('GET', '/runs', { key })).status).toBe(200);
    expect((await other('GET', '/organizations', bootstrap)).json.items).toMatchObject([
      { id: 'acme', keys: 1 },
      { id: 'default', keys: 0 },
    ]);
    await other('DELETE', `/api-keys/${id}`, bootstrap);
    let last = await one('GET', '/runs', { key });
    while (last.status === 200) last = await one('GET', '/runs', { key });
    expect(last.code).toBe('KEY_REVOKED');
  });

  it('make one key of one command that comes to both', async () => {
    const [one, other] = [await start(), await start()];
    const asked = { ...bootstrap, body: { name: 'Once' }, headers: { 'idempotency-key': 'k-1' } };
    const answers = await Promise.all([one, other, one, other].map((ask) => ask('POST', '/api-keys', asked)));
    expect(answers.filter(({ json }) => typeof json.secret === 'string')).toHaveLength(1);
    expect((await everyEvent(store)).filter(({ type }) => type === 'key.created')).toHaveLength(1);
  });

  it('keep one quota, however many ask them at once', async () => {
    const [one, other] = [await start(), await start()];
    const quotas = { maxProjects: 5 };
    await one('POST', '/organizations', { ...bootstrap, body: { name: 'Acme', id: 'acme', quotas } });
    const { secret: key } = await makeKey(one, { role: 'owner' }, { ...bootstrap, organization: 'acme' });
    const body = { prd: { text: 'A goal.' }, repository: { url: '/tmp/x' } };
    const asks = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other));
    const answers = await Promise.all(asks.map((ask) => ask('POST', '/projects', { key, body })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(owners.projects).toHaveLength(5);
  });
});
