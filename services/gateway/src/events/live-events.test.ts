import { afterEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type LiveClient, openLiveClient } from '../testing/live-client.ts';

type Server = Awaited<ReturnType<typeof startGateway>>;
let server: Server | null = null;
let clients: LiveClient[] = [];
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server?.stop();
  server = null;
});

const story = runStory({ tasks: 2 });
const types = story.map(({ event }) => event.type);

const topics = async (url: string): Promise<() => Promise<unknown>> => {
  const client = openLiveClient(`${url}/ws`);
  clients.push(client);
  await client.until('welcome');
  client.say({ type: 'join', topic: 'all', after: '' });
  await client.until('joined');
  return async () => Reflect.get(Object((await client.until('event')).event), 'type');
};

const graph = async (url: string): Promise<() => Promise<unknown>> => {
  const client = openLiveClient(`${url}/graphql`, ['graphql-transport-ws']);
  clients.push(client);
  if (client.socket.readyState !== client.socket.OPEN)
    await new Promise((resolve) => client.socket.addEventListener('open', resolve, { once: true }));
  client.say({ type: 'connection_init' });
  await client.until('connection_ack');
  const query = 'subscription { events(after: "") { type } }';
  client.say({ id: 's', type: 'subscribe', payload: { query } });
  return async () => {
    const { data } = Object((await client.until('next')).payload);
    return Reflect.get(Object(Reflect.get(Object(data), 'events')), 'type');
  };
};

describe('clients of all kinds', () => {
  it('follow the log by one subscription to it, and each gets every event in order', async () => {
    const kept = openSqliteEventStore({ path: ':memory:' });
    let begun = 0;
    const store: EventStore = {
      ...kept,
      subscribe: (options) => {
        begun += 1;
        return kept.subscribe(options);
      },
    };
    server = await startGateway({ store, operations: { listRuns: async () => ({ items: [] }) as never } });
    const { url } = server;
    const following = [await topics(url), await graph(url), await topics(url), await graph(url)];
    await tellStore(store, story);
    for (const next of following) {
      const got: unknown[] = [];
      while (got.length < types.length) got.push(await next());
      expect(got).toEqual(types);
    }
    expect(begun).toBe(1);
  });
});
