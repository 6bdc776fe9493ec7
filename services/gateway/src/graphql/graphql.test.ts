import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  examples,
  isPlain,
  namedSchemas,
  type Operation,
  type OperationName,
  operations,
} from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { PartituraError, type Service } from '@partitura/shared/runtime';
import { buildClientSchema, getIntrospectionQuery, isObjectType } from 'graphql';
import { startGateway } from '../testing/gateway-under-test.ts';
import { type LiveClient, openLiveClient } from '../testing/live-client.ts';
import { graphSchema } from './schema.ts';

type Server = Awaited<ReturnType<typeof startGateway>>;
let server: Server;
let calls: {
  name: string;
  input: { params: Record<string, unknown>; query: Record<string, unknown>; body: unknown };
}[];

const resultOf = (name: OperationName): Record<string, unknown> =>
  structuredClone(examples[name]?.result) as Record<string, unknown>;

/** Owners that answer with the examples of the document; lists have three of what they list. */
const owners = (): Service['operations'] => {
  const handlers = Object.keys(operations).map((name) => {
    const handler = async (input: (typeof calls)[number]['input']) => {
      calls.push({ name, input });
      if (input.params.id === 'r_9') throw new PartituraError('RUN_NOT_FOUND', 'There is no run "r_9".');
      if (input.params.id === 'broken') throw new Error('The password is hunter2.');
      const result = resultOf(name as OperationName);
      const { items } = result;
      if (!Array.isArray(items) || !name.endsWith('s')) return result;
      const three = [1, 2, 3].map((number) => ({ ...items[0], ...numbered(items[0], number) }));
      return { ...result, items: three };
    };
    return [name, handler] as const;
  });
  return Object.fromEntries(handlers) as Service['operations'];
};

const numbered = (item: object, number: number): object => {
  if (!('taskId' in item || 'agentId' in item)) return {};
  if ('agentId' in item) return { id: `r_1.T${number}`, runId: 'r_1', agentId: `r_1.T${number}.a1` };
  return { id: `r_1.T${number}.a1`, runId: 'r_1', taskId: `r_1.T${number}` };
};

beforeEach(async () => {
  calls = [];
  server = await startGateway({ operations: owners() });
});
afterEach(() => server.stop());

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; extensions: Record<string, unknown> }[];
}
const ask = async (query: string, variables?: object): Promise<Answer & { status: number }> => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, ...(variables ? { variables } : {}) }),
  });
  return { ...((await response.json()) as Answer), status: response.status };
};
const nested = (depth: number): string => (depth === 0 ? 'id' : `task { agent { ${nested(depth - 1)} } }`);

describe('what is refused', () => {
  it.each<readonly [string, string, object | undefined, string, number]>([
    ['no GraphQL', '{', undefined, 'GRAPHQL_INVALID', 400],
    ['a field that is not there', '{ run(id: "r_1") { colour } }', undefined, 'GRAPHQL_INVALID', 400],
    ['an argument that is missing', '{ run { id } }', undefined, 'GRAPHQL_INVALID', 400],
    [
      'a variable of another type',
      'query ($id: ID!) { run(id: $id) { id } }',
      { id: {} },
      'GRAPHQL_INVALID',
      400,
    ],
    ['what is too deep', `{ agent(id: "a") { ${nested(6)} } }`, undefined, 'GRAPHQL_TOO_DEEP', 400],
    [
      'what is too costly',
      '{ projects(limit: 100) { items { runs(limit: 100) { items { tasks(limit: 100) { items { title } } } } } } }',
      undefined,
      'GRAPHQL_TOO_COSTLY',
      400,
    ],
    [
      'what is too costly by its variables',
      'query ($n: Long) { projects(limit: $n) { items { runs(limit: $n) { items { id project { id } } } } } }',
      { n: 200 },
      'GRAPHQL_TOO_COSTLY',
      400,
    ],
    [
      'long lists of little in a long list',
      '{ runs(limit: 300) { items { tasks(limit: 50) { items { title } } } } }',
      undefined,
      'GRAPHQL_TOO_COSTLY',
      400,
    ],
    [
      'fragments within fragments',
      `query { ...f0 } ${Array.from({ length: 20 }, (_, at) => `fragment f${at} on Query { ${at < 19 ? `...f${at + 1} ...f${at + 1}` : '__typename'} }`).join(' ')}`,
      undefined,
      'GRAPHQL_TOO_COSTLY',
      400,
    ],
  ])('%s', async (_, query, variables, code, status) => {
    const answer = await ask(query, variables);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code });
    expect(answer.status).toBe(status);
    expect(calls).toEqual([]);
  });

  it.each<readonly [string, RequestInit, number]>([
    ['a body that is no request', { method: 'POST', body: '{"q":1}' }, 400],
    ['half a JSON', { method: 'POST', body: '{' }, 400],
    ['a mutation by GET', {}, 405],
  ])('%s', async (_, init, status) => {
    const path = init.method
      ? ''
      : `?query=${encodeURIComponent('mutation { resumeRun(id: "r_1") { id } }')}`;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/graphql${path}`, init.method ? { ...init, headers } : {});
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { errors: [{ extensions: { code: expect.stringMatching(/^[A-Z_]+$/) } }] },
    ]);
    expect(calls).toEqual([]);
  });

  it('an argument of a wrong value has its code and its place, as over REST', async () => {
    const answer = await ask(
      '{ runs(limit: 501) { nextCursor } tasks: run(id: "r_9") { id } broken: run(id: "broken") { id } }',
    );
    expect(answer.status).toBe(200);
    const byField = new Map(answer.errors?.map((error) => [String(Reflect.get(error, 'path')), error]));
    expect(byField.get('runs')?.extensions).toMatchObject({
      code: 'BAD_REQUEST',
      errors: [{ path: 'limit' }],
    });
    expect(byField.get('tasks')?.extensions).toMatchObject({ code: 'RUN_NOT_FOUND', status: 404 });
    expect(byField.get('broken')?.extensions).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('whoever shows no key', async () => {
    const closed = await startGateway({ apiKey: 'a-key-of-a-test-that-is-long-enough' });
    const response = await fetch(`${closed.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ runs { nextCursor } }"}',
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'KEY_REQUIRED' } }] });
    await closed.stop();
  });
});

describe('the graph', () => {
  it('has every operation, and every field that the resources have', () => {
    const schema = graphSchema();
    const mutations = schema.getMutationType()?.getFields() ?? {};
    const queries = schema.getQueryType()?.getFields() ?? {};
    const plain = (Object.entries(operations) as [string, Operation][]).filter(([, one]) => isPlain(one));
    const commands = plain.filter(([, { method }]) => method !== 'GET');
    expect(Object.keys(mutations).sort()).toEqual(commands.map(([name]) => name).sort());
    expect(Object.keys(queries)).toHaveLength(plain.length - commands.length);
    for (const name of ['Run', 'Task', 'Agent', 'Project', 'Approval', 'Artifact', 'CloudEvent']) {
      const type = schema.getType(name);
      const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
      const shape: object = Reflect.get(Object(namedSchemas[name]), 'shape');
      const missing = Object.keys(shape).filter(
        (field) => !fields.some((one) => one === field || one.startsWith(`${field.replace(/s$/, '')}Count`)),
      );
      expect([name, ...missing]).toEqual([name]);
    }
  });

  it('says what it is', async () => {
    const { data, errors } = await ask(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(buildClientSchema(data as never).getQueryType()?.name).toBe('Query');
  });

  it('leads from projects to events', async () => {
    await tellStore(server.store, runStory({ tasks: 1 }));
    const answer = await ask(
      '{ project(id: "p_1") { name runCount runs { items { status taskCounts { total } tasks(status: running) { items { title } } } } } agent(id: "x") { lastLine run { id } } }',
    );
    expect(answer).toMatchObject({
      status: 200,
      data: {
        project: {
          name: 'link-shortener',
          runCount: 1,
          runs: { items: [{ tasks: { items: [{ title: 'Redirect short links' }, {}, {}] } }, {}, {}] },
        },
        agent: { lastLine: expect.any(String), run: { id: expect.any(String) } },
      },
    });
    expect(answer.errors).toBeUndefined();
    expect(calls).toContainEqual(
      expect.objectContaining({
        name: 'listRunTasks',
        input: expect.objectContaining({ query: { limit: 50, status: 'running' } }),
      }),
    );
  });

  it('asks once for what all things of a level lead to', async () => {
    const answer = await ask(
      '{ runTasks(id: "r_1") { items { id run { id } agent { id } agents { id taskId task { id } } } } }',
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({
      runTasks: {
        items: [1, 2, 3].map((number) => ({
          agent: { id: `r_1.T${number}.a1` },
          agents: [{ taskId: `r_1.T${number}`, task: { id: `r_1.T${number}` } }],
        })),
      },
    });
    expect(calls.map(({ name }) => name).sort()).toEqual([
      'getRun',
      'listRunAgents',
      'listRunAgents',
      'listRunTasks',
      'listRunTasks',
    ]);
  });

  it('has the events of an agent', async () => {
    await tellStore(server.store, runStory({ tasks: 2 }));
    const agent = { ...resultOf('getAgent'), id: 'r_1.T2.a1' };
    const other = await startGateway({
      operations: { getAgent: async () => agent as never },
      store: server.store,
    });
    const body = JSON.stringify({
      query:
        '{ agent(id: "r_1.T2.a1") { events(limit: 2, type: "agent.step_entered") { type position data } } }',
    });
    const response = await fetch(`${other.url}/graphql`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const type = 'agent.step_entered';
    expect(await response.json()).toMatchObject({
      data: { agent: { events: [{ type, data: { step: 'reason' } }, { type }] } },
    });
    await other.gateway.close();
  });
});

describe('a mutation', () => {
  const pause =
    'mutation ($key: String) { pauseRun(id: "r_1", input: { reason: "Lunch." }, idempotencyKey: $key) { id position } }';

  it('is the command of REST, done once for its key', async () => {
    const first = await ask(pause, { key: 'k1' });
    expect(first.data?.pauseRun).toMatchObject({ id: expect.any(String) });
    expect((await ask(pause, { key: 'k1' })).data).toEqual(first.data);
    expect(calls).toMatchObject([
      { name: 'pauseRun', input: { params: { id: 'r_1' }, body: { reason: 'Lunch.' } } },
    ]);
  });

  it('of wrong input is refused field by field', async () => {
    const answer = await ask('mutation { commentTask(id: "t", input: { text: "" }) { id } }');
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_REQUEST',
      errors: [{ path: 'input.text' }],
    });
  });
});

describe('a subscription', () => {
  const subscribe = async (query: string): Promise<LiveClient> => {
    const client = openLiveClient(`${server.url}/graphql`, ['graphql-transport-ws']);
    await new Promise((resolve) => client.socket.addEventListener('open', resolve, { once: true }));
    client.say({ type: 'connection_init' });
    await client.until('connection_ack');
    client.say({ id: '1', type: 'subscribe', payload: { query } });
    return client;
  };
  const story = runStory({ tasks: 2 });

  it('has the events after a position, and those that come', async () => {
    await tellStore(server.store, story.slice(0, 20));
    const client = await subscribe('subscription { events(runId: "r_1", after: "") { type position } }');
    const types: unknown[] = [];
    const take = async (): Promise<void> => {
      const { payload } = await client.until('next');
      types.push((payload as { data: { events: { type: string } } }).data.events.type);
    };
    const ofRun = story.filter(({ runId }) => runId === 'r_1').map(({ event }) => event.type);
    await take();
    await tellStore(server.store, story.slice(20), 20);
    while (types.length < ofRun.length) await take();
    expect(types).toEqual(ofRun);
    client.close();
  });

  it('has a run as it is, and again when something of it was recorded', async () => {
    const client = await subscribe('subscription { run(id: "r_1") { id status } }');
    const one = { payload: { data: { run: { status: 'running' } } } };
    expect(await client.until('next')).toMatchObject(one);
    await tellStore(server.store, story);
    expect(await client.until('next')).toMatchObject(one);
    client.close();
  });

  it('of what is not there is refused with its code', async () => {
    const client = await subscribe('subscription { run(id: "r_9") { id } }');
    expect(JSON.stringify(await client.until('error'))).toContain('RUN_NOT_FOUND');
    client.close();
  });

  it('ends with the server, which says so', async () => {
    const client = await subscribe('subscription { events { type } }');
    await server.gateway.close();
    expect((await client.closed()).reason).toBe('server_stopping');
  });
});
