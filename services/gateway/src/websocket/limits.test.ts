import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomIds } from '@partitura/shared/runtime';
import { asking, makeKey } from '../identity/testing/asking.ts';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type LiveClient, openLiveClient } from '../testing/live-client.ts';

const bootstrap = { key: 'the-key-of-the-installation-0123456789' };
const perCaller = 4;

let server: Awaited<ReturnType<typeof startGateway>>;
let clients: LiveClient[];
/** Commands that were done. */
let paused: number;
/** Of an operator who has asked nothing yet. */
let key: string;

beforeEach(async () => {
  [clients, paused] = [[], 0];
  const answer = async () => ({ id: 'r_1', position: '', items: [], nextCursor: null }) as never;
  const pauseRun = async () => {
    paused += 1;
    return answer();
  };
  server = await startGateway({
    ids: randomIds(),
    apiKey: bootstrap.key,
    // However slow the machine is, it is the same minute.
    limits: { perCaller, windowSeconds: 3_600 },
    operations: { getRun: answer, getRunState: answer, listRuns: answer, pauseRun },
  });
  key = (await makeKey(asking(server.url), { role: 'operator' }, bootstrap)).secret;
});
afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

/** To open a connection is a request like any other. */
const live = (path: string, protocol: string): LiveClient => {
  const client = openLiveClient(`${server.url}${path}`, [protocol, `bearer.${key}`]);
  clients.push(client);
  return client;
};

const pause = (id: string) => ({ type: 'command', id, command: 'pause', target: 'run:r_1' });
const limited = {
  status: 429,
  code: 'RATE_LIMITED',
  advice: expect.stringMatching(/^Ask again in \d+ seconds/),
};

describe('what is asked over a connection', () => {
  it('counts with the requests of whoever asks, and is refused in the words of what was asked', async () => {
    const client = live('/ws', 'partitura');
    await client.until('welcome');
    client.say(pause('c1'));
    await client.until('acknowledged');
    client.say({ type: 'join', topic: 'run:r_1' });
    await client.until('joined');
    // What cannot be read is counted, what is no question is not.
    client.say({ type: 'ping' });
    client.say('{');
    expect(await client.until('error')).toMatchObject({ problem: { code: 'MALFORMED_JSON' } });
    client.say(pause('c2'));
    expect(await client.next()).toMatchObject({ type: 'refused', id: 'c2', problem: limited });
    client.say({ type: 'join', topic: 'all' });
    expect(await client.next()).toMatchObject({ type: 'error', topic: 'all', problem: limited });
    client.say('{');
    expect(await client.next()).toMatchObject({ type: 'error', problem: limited });
    expect(await asking(server.url)('GET', '/runs', { key })).toMatchObject({ status: 429 });
    // It stays, with what was joined.
    client.say({ type: 'leave', topic: 'run:r_1' });
    await client.until('left');
    expect(paused).toBe(1);
  });

  it('ends the connection when it goes on and on', async () => {
    const client = live('/ws', 'partitura');
    await client.until('welcome');
    for (let count = 1; count < perCaller + 100; count += 1) {
      client.say(pause(`c${count}`));
      await client.next();
    }
    client.say(pause('once too often'));
    expect(await client.next()).toMatchObject({ type: 'closing', reason: 'too_many_messages' });
    expect((await client.closed()).code).toBe(4_029);
    expect(paused).toBe(perCaller - 1);
  });

  it('is counted where it subscribes, too', async () => {
    const client = live('/graphql', 'graphql-transport-ws');
    await new Promise((resolve) => client.socket.addEventListener('open', resolve, { once: true }));
    client.say({ type: 'connection_init' });
    await client.until('connection_ack');
    const subscribe = (id: number): void =>
      client.say({
        id: String(id),
        type: 'subscribe',
        payload: { query: 'subscription { run(id: "r_1") { id } }' },
      });
    for (let id = 1; id < perCaller; id += 1) {
      subscribe(id);
      expect(await client.until('next')).toMatchObject({ id: String(id) });
    }
    for (let id = perCaller; id < perCaller + 100; id += 1) {
      subscribe(id);
      expect(await client.until('error')).toMatchObject({
        id: String(id),
        payload: [{ extensions: { code: 'RATE_LIMITED', status: 429 } }],
      });
    }
    subscribe(1_000);
    expect((await client.closed()).reason).toBe('too_many_messages');
  });
});
