import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { PartituraError, type Service } from '@partitura/shared/runtime';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type LiveClient, openLiveClient } from '../testing/live-client.ts';

type Server = Awaited<ReturnType<typeof startGateway>>;
let servers: Server[];
let clients: LiveClient[];
beforeEach(() => {
  servers = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  for (const server of servers) await server.stop();
});

const notFound = async (): Promise<never> => {
  throw new PartituraError('RUN_NOT_FOUND', 'There is no run "r_9".');
};

let commands: { name: string; input: unknown; commandId: string }[];
/** Owners that answer with what they were asked: the gateway does not look into it. */
const owners = (): Service['operations'] => {
  const read = (name: string) => async (input: unknown) => ({ name, input }) as never;
  const done = (name: string) => async (input: unknown, context: { commandId: string }) => {
    commands.push({ name, input, commandId: context.commandId });
    return { id: 'r_1', position: '0000000000000001' };
  };
  return {
    getRun: async ({ params: { id } }) => (id === 'r_9' ? notFound() : read('getRun')({ id })),
    getRunState: read('getRunState'),
    getAgent: read('getAgent'),
    listRuns: read('listRuns'),
    pauseRun: done('pauseRun'),
    resumeProject: done('resumeProject'),
    resumeRun: notFound,
  };
};

const start = async (options: Parameters<typeof startGateway>[0] = {}): Promise<Server> => {
  const server = await startGateway({ operations: owners(), ...options });
  servers.push(server);
  return server;
};

const open = async ({ url }: Pick<Server, 'url'>, protocols: string[] = []): Promise<LiveClient> => {
  const client = openLiveClient(`${url}/ws`, protocols);
  clients.push(client);
  expect(await client.next()).toMatchObject({ type: 'welcome' });
  return client;
};

beforeEach(() => {
  commands = [];
});
const story = runStory({ tasks: 4 });
const ofRun = story.filter(({ runId }) => runId === 'r_1').map(({ event }) => event.type);

describe('what cannot be meant', () => {
  it.each<readonly [string, object | string, string, string | null]>([
    ['no JSON', '{', 'MALFORMED_JSON', null],
    ['no message', '7', 'BAD_MESSAGE', ''],
    ['an unknown type', { type: 'dance' }, 'BAD_MESSAGE', 'type'],
    ['an unknown topic', { type: 'join', topic: 'house:1' }, 'BAD_MESSAGE', 'topic'],
    ['an unknown field', { type: 'ping', x: 1 }, 'BAD_MESSAGE', ''],
    ['an unknown command', { type: 'command', id: 'c', command: 'sing' }, 'BAD_MESSAGE', 'command'],
    [
      'a command without an id',
      { type: 'command', command: 'pause', target: 'run:r_1' },
      'BAD_MESSAGE',
      'id',
    ],
    ['a position of nowhere', { type: 'join', topic: 'all', after: 'nowhere' }, 'INVALID_POSITION', null],
    ['a run that is not there', { type: 'join', topic: 'run:r_9', after: '' }, 'RUN_NOT_FOUND', null],
  ])('%s is refused, and the connection stays', async (_, message, code, path) => {
    const client = await open(await start());
    client.say(message);
    const { problem } = await client.until('error');
    expect(problem).toMatchObject({ code });
    if (path !== null)
      expect(problem).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ path })]) });
    client.say({ type: 'ping' });
    await client.until('pong');
  });

  it('a request that is no upgrade is told so', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/ws`);
    expect(answer.status).toBe(426);
    expect(await answer.json()).toMatchObject({ code: 'UPGRADE_REQUIRED' });
  });

  it('a client that says too much at once is dropped with a reason', async () => {
    const client = await open(await start());
    for (let count = 0; count < 5_000; count += 1) client.say({ type: 'ping' });
    expect((await client.closed()).reason).toBe('too_many_messages');
  });

  it('51 topics are one too many', async () => {
    const client = await open(await start());
    for (let count = 0; count <= 50; count += 1)
      client.say({ type: 'join', topic: `run:r_${count}a`, after: '' });
    expect(await client.until('error')).toMatchObject({ problem: { code: 'TOO_MANY_TOPICS' } });
  });
});

describe('a topic', () => {
  it('begins with its state and goes on with what is recorded', async () => {
    const server = await start();
    await tellStore(server.store, story.slice(0, 30));
    const client = await open(server);
    client.say({ type: 'join', topic: 'run:r_1' });
    const position = await server.store.head();
    expect(await client.until('joined')).toMatchObject({
      topic: 'run:r_1',
      position,
      state: { name: 'getRunState', input: { params: { id: 'r_1' }, query: { at: position } } },
    });
    await tellStore(server.store, story.slice(30), 30);
    const { event } = await client.until('event');
    const first = event as CloudEvent;
    expect(first.position > position).toBe(true);
  });

  it('is resumed without a gap or a duplicate over a restart of the server', async () => {
    const first = await start();
    await tellStore(first.store, story);
    const seen: CloudEvent[] = [];
    const follow = async (server: Server, most: number) => {
      const client = await open(server);
      client.say({ type: 'join', topic: 'run:r_1', after: seen.at(-1)?.position ?? '' });
      expect((await client.until('joined')).state).toBeNull();
      while (seen.length < most) seen.push((await client.until('event')).event as CloudEvent);
      return client;
    };
    const client = await follow(first, 20);
    await first.gateway.close();
    expect((await client.closed()).reason).toBe('server_stopping');
    const second = await start({ store: first.store, port: first.port });
    servers = [second];
    await follow(second, ofRun.length);
    expect(seen.map(({ type }) => type)).toEqual(ofRun);
  });

  it('has only what concerns it, and ends when it is left', async () => {
    const server = await start();
    await tellStore(server.store, story);
    const client = await open(server);
    const types = ['agent.spawned', 'agent.finished'];
    client.say({ type: 'join', topic: 'agent:r_1.T2.a1', after: '', types });
    const events = [await client.until('event'), await client.until('event')];
    expect(events.map(({ event }) => (event as CloudEvent).type)).toEqual(types);
    client.say({ type: 'leave', topic: 'agent:r_1.T2.a1' });
    expect(await client.next()).toMatchObject({ type: 'left' });
  });
});

describe('a command', () => {
  const pause = { type: 'command', id: 'c1', command: 'pause', target: 'run:r_1', reason: 'Lunch.' };

  it('is acknowledged under its id, and done once', async () => {
    const server = await start();
    const client = await open(server);
    client.say(pause);
    const done = { type: 'acknowledged', id: 'c1', result: { id: 'r_1' } };
    expect(await client.next()).toMatchObject(done);
    const again = await open(server);
    again.say(pause);
    expect(await again.next()).toMatchObject(done);
    expect(commands).toMatchObject([{ name: 'pauseRun', input: { body: { reason: 'Lunch.' } } }]);
    again.say({ type: 'command', id: 'c2', command: 'resume', target: 'project:p_1' });
    expect(await again.next()).toMatchObject({ type: 'acknowledged', id: 'c2' });
  });

  it('that is refused is told under its id too', async () => {
    const client = await open(await start());
    client.say({ ...pause, command: 'resume', id: 'c3', target: 'run:r_9' });
    expect(await client.next()).toMatchObject({
      type: 'refused',
      id: 'c3',
      problem: { status: 404, code: 'RUN_NOT_FOUND' },
    });
  });
});

describe('who is served', () => {
  const apiKey = 'a-key-of-a-test-that-is-long-enough';

  it('shows a key, as browsers can', async () => {
    const server = await start({ apiKey });
    await expect(open(server)).rejects.toThrow('closed');
    const client = await open(server, ['partitura', `bearer.${apiKey}`]);
    expect(client.socket.protocol).toBe('partitura');
    client.say({ type: 'ping' });
    await client.until('pong');
  });

  it('is pinged, and dropped when there is no answer', async () => {
    const clock = virtualClock();
    const server = await start({ clock });
    const silent = connect(server.port, '127.0.0.1');
    const closed = new Promise((resolve) => silent.once('close', resolve));
    await upgrade(silent);
    while (clock.sleeping() < 1) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(30_000);
    await closed;
  });

  it('is dropped when it takes nothing', async () => {
    const clock = virtualClock();
    const server = await start({ clock, heartbeatMs: 3_600_000 });
    const big = story.map((happening) =>
      happening.event.type === 'task.commented'
        ? {
            ...happening,
            event: { ...happening.event, data: { ...happening.event.data, text: 'x'.repeat(9_000_000) } },
          }
        : happening,
    );
    await tellStore(server.store, big);
    const socket = connect(server.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await upgrade(socket);
    socket.pause();
    socket.write(masked(JSON.stringify({ type: 'join', topic: 'run:r_1', after: '' })));
    // One of them is the heartbeat; the other waits for the client.
    let still = 0;
    while (still < 50) {
      still = clock.sleeping() === 2 ? still + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await clock.advance(30_000);
    socket.on('error', () => undefined).resume();
    await closed;
  });
});

const upgrade = async (socket: ReturnType<typeof connect>): Promise<void> => {
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
};

/** A frame as clients write them. */
const masked = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
