import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentResource, apiClient, type CloudEvent } from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { startGateway } from '../testing/gateway-under-test.ts';

type Server = Awaited<ReturnType<typeof startGateway>>;
let servers: Server[];
const start = async (options: Parameters<typeof startGateway>[0] = {}): Promise<Server> => {
  const server = await startGateway(options);
  servers.push(server);
  return server;
};
beforeEach(() => {
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
});

const story = runStory({ tasks: 4 });
const ofRun = story.filter(({ runId }) => runId === 'r_1').map(({ event }) => event.type);

const takeUntil = async (events: AsyncIterable<CloudEvent>, type: string): Promise<CloudEvent[]> => {
  const taken: CloudEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (event.type === type) break;
  }
  return taken;
};

/** Cuts each answer in the middle of a message, a few messages after its start, until it has cut often enough. */
const cutting = (cuts: number, messages: number) => {
  let cut = 0;
  const cutFetch: typeof fetch = async (...given) => {
    const response = await fetch(...given);
    if (cut >= cuts || !response.body) return response;
    cut += 1;
    let text = '';
    const broken = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TransformStream<string, Uint8Array>({
        transform: (chunk, controller) => {
          text += chunk;
          const parts = text.split('\n\n');
          if (parts.length <= messages + 1) return;
          const half = parts[messages]?.slice(0, 20) ?? '';
          controller.enqueue(Buffer.from(`${parts.slice(0, messages).join('\n\n')}\n\n${half}`));
          controller.terminate();
        },
      }),
    );
    return new Response(broken, response);
  };
  return { cutFetch, count: () => cut };
};

describe('the events', () => {
  it('of a run come each once and in order, however often the connection is cut', async () => {
    const server = await start();
    await tellStore(server.store, story);
    const { cutFetch, count } = cutting(50, 4);
    const client = apiClient({
      baseUrl: server.url,
      fetch: cutFetch,
      reconnects: 60,
      wait: async () => undefined,
    });
    const events = await takeUntil(client.events({ runId: 'r_1', after: '' }), 'run.completed');
    expect(events.map(({ type }) => type)).toEqual(ofRun);
    expect(count()).toBe(50);
    const positions = events.map(({ position }) => position);
    expect([...new Set(positions)].sort()).toEqual(positions);
  });

  it('come as they are recorded', async () => {
    const server = await start();
    const listening = takeUntil(server.client.events({ runId: 'r_1', after: '' }), 'run.completed');
    await tellStore(server.store, story);
    expect((await listening).map(({ type }) => type)).toEqual(ofRun);
  });

  it.each([
    [{ types: ['task.completed', 'run.completed'] }, 5],
    [{ agentId: 'r_1.T2.a1', types: ['agent.spawned', 'agent.finished'] }, 2],
    [{ taskId: 'r_1.T1', types: ['task.scheduled'] }, 2],
    [{ projectId: 'p_1', types: ['project.created'] }, 1],
  ])('are filtered by %j', async (filter, count) => {
    const server = await start();
    await tellStore(server.store, story);
    const events: CloudEvent[] = [];
    for await (const event of server.client.events({ ...filter, after: '' })) {
      events.push(event);
      if (events.length === count) break;
    }
    expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(0);
    expect(events).toHaveLength(count);
  });

  it('do not begin at what is no position', async () => {
    const server = await start();
    const answer = await fetch(`${server.url}/api/v1/events?after=nowhere`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'INVALID_POSITION' });
  });

  it('end when the server stops, and the client goes on with the next one', async () => {
    const first = await start();
    await tellStore(first.store, story.slice(0, 30));
    const events = first.client.events({ runId: 'r_1', after: '' })[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'run.created' });
    await first.gateway.close();
    const second = await start({ store: first.store, port: first.port });
    expect((await events.next()).value).toMatchObject({ type: 'run.started' });
    await events.return?.();
    servers = [second];
  });

  it('keep the line open with a heartbeat', async () => {
    const clock = virtualClock();
    const server = await start({ clock });
    const answer = await fetch(`${server.url}/api/v1/events`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: open')) text += (await reader?.read())?.value ?? '';
    await clock.advance(15_000);
    while (!text.includes(': heartbeat')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
  });

  it('are not kept for a client that takes none: it is dropped', async () => {
    const clock = virtualClock();
    const server = await start({ clock });
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
    socket.write('GET /api/v1/events?after= HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    while (clock.sleeping() < 2) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(30_000);
    socket.on('error', () => undefined).resume();
    await closed;
  });
});

describe('the log of an agent', () => {
  // The gateway asks for nothing of it but the run.
  const getAgent = async () => ({ runId: 'r_1' }) as AgentResource;

  it('is in lines, and ends with the agent', async () => {
    const server = await start({ operations: { getAgent } });
    await tellStore(server.store, story);
    const lines = await Array.fromAsync(server.client.agentLog('r_1.T2.a1'));
    expect(lines.map((line) => ('line' in line ? line.line : ''))).toEqual(
      expect.arrayContaining(['reason, cycle 1', 'write_file {"path":"a.ts"}', 'done: It works now.']),
    );
    expect(lines.at(-1)).toMatchObject({ type: 'agent.finished' });
  });

  it('has what its model says as it says it', async () => {
    const listen = (_: string, onText: (text: string) => void) => {
      onText('I think');
      return () => undefined;
    };
    const server = await start({ operations: { getAgent }, liveText: { listen } });
    await tellStore(server.store, story);
    const lines = await Array.fromAsync(server.client.agentLog('r_1.T2.a1', { follow: false }));
    expect(lines).toContainEqual({ text: 'I think' });
  });

  it('of nobody is not there', async () => {
    const server = await start();
    await expect(Array.fromAsync(server.client.agentLog('nobody'))).rejects.toMatchObject({
      code: 'OPERATION_NOT_AVAILABLE',
    });
  });
});
