import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { randomIds } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { type Ask, asking, everyEvent, makeKey } from '../identity/testing/asking.ts';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type LiveClient, openLiveClient } from '../testing/live-client.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
const story = runStory({ tasks: 1 });

let server: Awaited<ReturnType<typeof startGateway>>;
let clock: VirtualClock;
let ask: Ask;
let clients: LiveClient[];
beforeEach(async () => {
  clock = virtualClock();
  clients = [];
  const answer = async () => ({ id: 'r_1', position: '', items: [], nextCursor: null }) as never;
  server = await startGateway({
    clock,
    ids: randomIds(),
    apiKey: bootstrap.key,
    operations: { listRuns: answer, pauseRun: answer, getRun: answer },
  });
  ask = asking(server.url);
  await ask('POST', '/organizations', { ...bootstrap, body: { id: 'acme', name: 'Acme' } });
});
afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

const live = (path: string, protocol: string, key: string): LiveClient => {
  const client = openLiveClient(`${server.url}${path}`, [protocol, `bearer.${key}`]);
  clients.push(client);
  return client;
};
const subscribed = async (key: string, query: string): Promise<LiveClient> => {
  const client = live('/graphql', 'graphql-transport-ws', key);
  await new Promise((resolve) => client.socket.addEventListener('open', resolve, { once: true }));
  client.say({ type: 'connection_init' });
  await client.until('connection_ack');
  client.say({ id: '1', type: 'subscribe', payload: { query } });
  return client;
};
const graph = async (key: string, query: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const body = JSON.stringify({ query });
  return (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).json();
};

describe('whoever may only look', () => {
  it('commands nothing, and it is written down', async () => {
    const { secret } = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const client = live('/ws', 'partitura', secret);
    await client.until('welcome');
    client.say({ type: 'command', id: 'c1', command: 'pause', target: 'run:r_1' });
    const code = 'ROLE_TOO_LOW';
    expect(await client.until('refused')).toMatchObject({ id: 'c1', problem: { status: 403, code } });
    expect(await graph(secret, 'mutation { pauseRun(id: "r_1") { id } }')).toMatchObject({
      data: { pauseRun: null },
      errors: [{ extensions: { code, status: 403 } }],
    });
    const denials = (await everyEvent(server.store)).filter(({ type }) => type === 'access.denied');
    expect(denials).toMatchObject([{ data: { operation: 'pauseRun' } }, { data: { operation: 'pauseRun' } }]);
  });

  it('reads only what the scopes of the key say', async () => {
    const { secret } = await makeKey(ask, { role: 'viewer', scopes: ['projects:read'] }, bootstrap);
    const client = live('/ws', 'partitura', secret);
    await client.until('welcome');
    client.say({ type: 'join', topic: 'all' });
    const code = 'SCOPE_MISSING';
    expect(await client.until('error')).toMatchObject({ topic: 'all', problem: { code } });
    const refused = { errors: [{ extensions: { code } }] };
    expect(await graph(secret, '{ runs { nextCursor } }')).toMatchObject(refused);
    const subscription = await subscribed(secret, 'subscription { events { type } }');
    expect(await subscription.until('error')).toMatchObject({ payload: [{ extensions: { code } }] });
  });
});

describe('an organisation', () => {
  it('has the events of its own alone', async () => {
    const viewer = { role: 'viewer' } as const;
    const theirs = await makeKey(ask, viewer, { ...bootstrap, organization: 'acme' });
    const ours = await makeKey(ask, viewer, { ...bootstrap, organization: 'default' });
    await tellStore(server.store, story);
    const types = ['run.created', 'run.completed'];
    const joined = async (key: string): Promise<LiveClient> => {
      const client = live('/ws', 'partitura', key);
      await client.until('welcome');
      client.say({ type: 'join', topic: 'all', after: '', types });
      await client.until('joined');
      return client;
    };
    const query = 'subscription { events(after: "", types: ["run.created"]) { type } }';
    const [a, b] = [await joined(theirs.secret), await joined(ours.secret)];
    const [c, d] = [await subscribed(theirs.secret, query), await subscribed(ours.secret, query)];
    for (const type of types) expect(await b.until('event')).toMatchObject({ event: { type } });
    await d.until('next');
    // By now the others would have had theirs.
    a.say({ type: 'ping' });
    expect(await a.next()).toEqual({ type: 'pong' });
    c.say({ type: 'ping' });
    const first = await c.next();
    expect((first.type === 'ping' ? await c.next() : first).type).toBe('pong');
  });
});

describe('a key that is revoked', () => {
  it('ends what it is used for', async () => {
    await tellStore(server.store, story.slice(0, 5));
    const key = await makeKey(ask, { role: 'viewer' }, bootstrap);
    const client = live('/ws', 'partitura', key.secret);
    await client.until('welcome');
    client.say({ type: 'join', topic: 'run:r_1', after: '' });
    await client.until('joined');
    const headers = { authorization: `Bearer ${key.secret}` };
    const feed = await fetch(`${server.url}/api/v1/events`, { headers });
    const subscriber = await subscribed(key.secret, 'subscription { events(after: "") { type } }');
    await subscriber.until('next');
    await ask('DELETE', `/api-keys/${key.id}`, bootstrap);
    await clock.advance(1_501);
    await tellStore(server.store, story.slice(5), 5);
    expect((await client.closed()).reason).toBe('not_allowed');
    expect(await feed.text()).toContain('"reason":"not_allowed"');
    expect(JSON.stringify(await subscriber.until('error'))).toContain('KEY_');
  });
});
