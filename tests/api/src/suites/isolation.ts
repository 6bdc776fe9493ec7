import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLiveClient } from '../../../../services/gateway/src/testing/live-client.ts';
import { type Answer, bare, codeIn, fieldIn } from '../testing/asking.ts';
import { type ApiDocument, type Parameter, type Route, readDocument } from '../testing/document.ts';
import { type Feed, openFeed } from '../testing/feed.ts';
import { type Graph, graphCode, requestOf as graphRequestOf, readGraph } from '../testing/graph.ts';
import { exampleRequests, kindNamedBy, kindOf, pathOf, type Request } from '../testing/requests.ts';
import { bootstrapKey } from '../testing/server.ts';
import type { StartWorld, World } from '../testing/world.ts';

/** What belongs to one organisation, looked for by another: at every route, in the graph, in feeds, webhooks and sockets. */
export const describeIsolation = (start: StartWorld): void => {
  let world: World;
  let document: ApiDocument;
  let requestOf: (route: Route) => Request;
  let graph: Graph;
  /** Of an owner of the other organisation: nobody in it may do more. */
  let key: string;
  let secrets: readonly string[];

  beforeAll(async () => {
    world = await start({ PARTITURA_AUTH: 'required' });
    const { busy, other, server } = world;
    document = await readDocument(server.ask, bootstrapKey);
    key = other.keys.owner.secret;
    const { position } = await busy.until(busy.has.run, 'run.completed');
    requestOf = exampleRequests(document, busy.has, { earlier: position, now: position });
    graph = await readGraph(server.ask, key);
    secrets = [...Object.values(busy.has), busy.repository, busy.keys.owner.id].sort(
      (left, right) => right.length - left.length,
    );
  });
  afterAll(() => world.stop());

  const ask = (route: Route, path: string, body?: unknown): Promise<Answer> =>
    world.server.ask(route.method, path, { key, ...(route.body ? { body: body ?? {} } : {}) });

  /** Which of the busy organisation's names stand in it. */
  const shownIn = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));

  const eventsUrl = (query = ''): string => `${world.server.url}/api/v1/events${query}`;

  /** Where the log stands. */
  const head = async (): Promise<string> => {
    const feed = await openFeed(eventsUrl(), { key: bootstrapKey });
    const { id = '' } = await feed.until(({ event }) => event === 'open');
    feed.cut();
    return id;
  };

  /** Something of the other organisation, so that it is known when everything before it has been looked at. */
  const somethingOwn = async (): Promise<string> => {
    const { other, server } = world;
    const answer = await server.ask('POST', `/api/v1/projects/${other.project}/clone`, { key, body: {} });
    return fieldIn(answer, 'id');
  };

  /** What was recorded meanwhile that is not the other organisation's own affair, or names what is not theirs. */
  const recordedDuring = async (work: () => Promise<void>): Promise<readonly string[]> => {
    const before = await head();
    await work();
    const own = await somethingOwn();
    const feed = await openFeed(eventsUrl(`?after=${before}`), { key: bootstrapKey });
    await feed.until(({ data }) => data.includes(own));
    feed.cut();
    const events = feed.messages.filter(({ event }) => event === 'event').map(({ data }) => data);
    return events.filter((data) => {
      if (data.includes(`"organizationid":"${world.other.organization}"`)) return shownIn(data).length > 0;
      // What others looked at before this is told up to a second later, and the log is sealed now and then.
      return !/"type":"(access\.read|log\.sealed)"/.test(data);
    });
  };

  /** What a search has to be asked. */
  const searchOf = ({ path }: Route): readonly (readonly [string, string])[] => {
    if (path.endsWith('/search')) return [['q', 'Celsius']];
    return path.endsWith('/why') ? [['path', 'README.md']] : [];
  };

  const namesKind = (route: Route): boolean =>
    route.parameters.some((one) => one.in === 'path' && kindOf(route, one.name) !== null);
  describe('a thing of another organisation', () => {
    it('is not found at any route, just as what never was, and nothing is recorded', async () => {
      const faults: unknown[] = [];
      const recorded = await recordedDuring(async () => {
        for (const route of document.routes.filter(namesKind)) {
          const { body } = requestOf(route);
          const idOf = ({ name }: Parameter) => world.busy.has[kindOf(route, name) ?? 'run'];
          const fixed = ({ name }: Parameter) => (kindOf(route, name) === null ? '1' : null);
          const theirs = await ask(
            route,
            pathOf(route, (one) => fixed(one) ?? idOf(one)),
            body,
          );
          const none = await ask(
            route,
            pathOf(route, (one) => fixed(one) ?? 'nothing0here'),
            body,
          );
          const same = JSON.stringify(bare(theirs, secrets)) === JSON.stringify(bare(none, ['nothing0here']));
          if (theirs.status !== 404 || !same) faults.push([route.operationId, theirs.text, none.text]);
        }
      });
      expect(faults).toEqual([]);
      expect(recorded).toEqual([]);
    });

    it('is not found where a query or a body names it', async () => {
      const { has } = world.busy;
      const faults: unknown[] = [];
      const named = document.routes
        .filter(({ method, streams }) => method === 'get' && !streams)
        .flatMap((route) =>
          route.parameters.filter((one) => one.in === 'query').map(({ name }) => ({ route, name })),
        )
        .flatMap(({ route, name }) => {
          const kind = kindNamedBy(name);
          return kind === null ? [] : [{ route, name, id: has[kind] }];
        });
      for (const { route, name, id } of named) {
        const answer = await ask(
          route,
          pathOf(route, () => 'x', [...searchOf(route), [name, id]]),
        );
        const hidden = answer.status === 404 || (answer.status === 200 && shownIn(answer.text).length === 0);
        if (!hidden) faults.push([route.operationId, name, answer.text]);
      }
      const tried = named.map(({ route, name }) => `${route.operationId} ${name}`);
      const known = { projectId: has.project, kind: 'decision', content: 'Ours.' };
      const node = await world.server.ask('POST', '/api/v1/knowledge/nodes', { key, body: known });
      expect([node.status, codeIn(node)]).toEqual([404, 'PROJECT_NOT_FOUND']);
      expect(faults).toEqual([]);
      expect(tried).toEqual(expect.arrayContaining(['listRuns projectId', 'getKnowledgeGraph start']));
    });

    it('cannot be reached by naming its organisation', async () => {
      const answer = await world.server.ask('GET', '/api/v1/runs', {
        key,
        organization: world.busy.has.organization,
      });
      expect([answer.status, codeIn(answer)]).toEqual([404, 'ORGANIZATION_NOT_FOUND']);
    });

    it('is in no list and no search, where its own organisation sees it', async () => {
      const { busy, server } = world;
      const faults: unknown[] = [];
      const seen: string[] = [];
      const lists = document.routes
        .filter(({ method, streams }) => method === 'get' && !streams)
        .filter(({ path }) => !path.includes('{') && !path.endsWith('/graph'));
      for (const route of lists) {
        const path = pathOf(route, () => '', searchOf(route));
        const shown = shownIn((await ask(route, path)).text);
        if (shown.length > 0) faults.push([route.operationId, shown]);
        const own = await server.ask('get', path, { key: busy.keys.owner.secret });
        if (shownIn(own.text).length > 0) seen.push(route.operationId);
      }
      expect(faults).toEqual([]);
      expect(seen).toEqual(
        expect.arrayContaining([
          'listProjects',
          'listRuns',
          'listAgents',
          'listApprovals',
          'listKnowledge',
          'searchKnowledge',
          'listWorkflows',
          'listWebhooks',
          'listApiKeys',
          'listOrganizations',
          'listAudit',
        ]),
      );
    });
  });

  describe('the graph', () => {
    const fieldFor = (root: 'query' | 'mutation', { operationId }: Route) => {
      const type = root === 'query' ? graph.schema.getQueryType() : graph.schema.getMutationType();
      const short = operationId.replace(/^(get|list)(?=[A-Z])/, '');
      const names =
        root === 'mutation'
          ? [operationId]
          : [operationId, `${short.charAt(0).toLowerCase()}${short.slice(1)}`];
      return names.map((name) => type?.getFields()[name]).find((field) => field !== undefined);
    };
    const requestFor = (route: Route) => {
      const root = route.method === 'get' ? ('query' as const) : ('mutation' as const);
      const field = fieldFor(root, route);
      if (!field) throw new Error(`The graph has no ${route.operationId}.`);
      const { has } = world.busy;
      const given = route.parameters
        .filter((one) => one.in === 'path')
        .map(({ name }) => [name, has[kindOf(route, name) ?? 'run']] as const);
      const more = { ...Object.fromEntries(searchOf(route)), version: 1, start: has.node };
      return graphRequestOf(root, field, {
        ...Object.fromEntries(given),
        ...more,
        input: requestOf(route).body,
      });
    };
    const namesTheirs = (route: Route): boolean => namesKind(route) || route.path.endsWith('/graph');
    const asked = () =>
      document.routes
        .filter(({ streams }) => !streams)
        .filter((route) => namesTheirs(route) || route.method === 'get')
        .map((route) => ({ route, ...requestFor(route) }));

    const faultsIn = async ({ route, query, variables }: ReturnType<typeof asked>[number]) => {
      const answer = await graph.ask(key, query, variables);
      const hidden = namesTheirs(route)
        ? graphCode(answer)?.endsWith('_NOT_FOUND') === true
        : shownIn(answer.text).length === 0;
      return hidden ? [] : [[route.operationId, query, answer.text]];
    };

    it('finds nothing that is theirs, changes nothing, and lists nothing', async () => {
      const faults: unknown[] = [];
      const recorded = await recordedDuring(async () => {
        for (const request of asked()) faults.push(...(await faultsIn(request)));
      });
      expect(faults).toEqual([]);
      expect(recorded).toEqual([]);
    });

    it('shows it all to their own', async () => {
      const shown: string[] = [];
      for (const { route, query, variables } of asked().filter((one) => one.route.method === 'get')) {
        const answer = await graph.ask(world.busy.keys.owner.secret, query, variables);
        if (graphCode(answer) === null && shownIn(answer.text).length > 0) shown.push(route.operationId);
      }
      expect(shown.length).toBeGreaterThan(25);
    });
  });

  describe('what is recorded', () => {
    const filters = () => {
      const { project, run, task, agent } = world.busy.has;
      return ['', `&projectId=${project}`, `&runId=${run}`, `&taskId=${task}`, `&agentId=${agent}`];
    };
    const openAll = (by: string): Promise<Feed[]> =>
      Promise.all(filters().map((filter) => openFeed(eventsUrl(`?after=${filter}`), { key: by })));
    const comment = async (): Promise<void> => {
      const { busy, server } = world;
      const body = { text: 'Something new.' };
      const answer = await server.ask('POST', `/api/v1/tasks/${busy.has.task}/comments`, {
        key: busy.keys.operator.secret,
        body,
      });
      expect(answer.status).toBe(202);
    };
    it('is in no feed, while their own have it', async () => {
      const [ours, theirs] = await Promise.all([openAll(key), openAll(world.busy.keys.viewer.secret)]);
      await comment();
      const cloned = await somethingOwn();
      for (const feed of theirs) await feed.until(({ event }) => event === 'event');
      await ours[0]?.until(({ data }) => data.includes(cloned));
      for (const feed of [...ours, ...theirs]) feed.cut();
      expect(ours.map(({ messages }) => shownIn(messages.map(({ data }) => data).join('\n')))).toEqual(
        ours.map(() => []),
      );
      const [, ...filtered] = ours.map(({ messages }) => messages.filter(({ event }) => event === 'event'));
      expect(filtered).toEqual([[], [], [], []]);
    });

    it('is told to no webhook, whatever it was made for', async () => {
      const { server, busy, consumer } = world;
      const { project, run } = busy.has;
      for (const filter of [{}, { projectIds: [project] }, { runIds: [run] }]) {
        const body = { url: consumer.url.replace(/hook$/, 'other'), ...filter };
        await server.ask('POST', '/api/v1/webhooks', { key, body });
      }
      await comment();
      const cloned = await somethingOwn();
      const told = () => consumer.received.filter(({ path }) => path === '/other');
      while (!told().some(({ body }) => body.includes(cloned)))
        await consumer.reached(consumer.received.length + 1);
      expect(told().flatMap(({ body }) => shownIn(body))).toEqual([]);
    });

    it('is behind no topic of a WebSocket or subscription, and commands to it are refused', async () => {
      const { server, busy } = world;
      const { project, run, task, agent, waiting } = busy.has;
      const topics = [`project:${project}`, `run:${run}`, `task:${task}`, `agent:${agent}`];
      const commands = [
        { command: 'pause', target: `run:${waiting}` },
        { command: 'resume', target: `project:${project}` },
        { command: 'message', target: `agent:${agent}`, text: 'Hello.' },
      ];
      const messages = [
        ...topics.flatMap((topic) => [
          { type: 'join', topic },
          { type: 'join', topic, after: '' },
        ]),
        ...commands.map((command, at) => ({ type: 'command', id: `c${at}`, ...command })),
      ];
      const said: unknown[] = [];
      const recorded = await recordedDuring(async () => {
        const client = openLiveClient(`${server.url}/ws`, ['partitura', `bearer.${key}`]);
        await client.until('welcome');
        for (const message of messages) {
          client.say(message);
          said.push((await client.next()).problem);
        }
        client.say({ type: 'join', topic: 'all' });
        expect(shownIn(JSON.stringify(await client.until('joined')))).toEqual([]);
        client.close();
      });
      expect(said).toHaveLength(11);
      expect(said.filter((problem) => Reflect.get(Object(problem), 'status') !== 404)).toEqual([]);
      expect(recorded).toEqual([]);
    });

    it('is in no subscription', async () => {
      const { server, busy } = world;
      const { project, run, task, agent } = busy.has;
      const client = openLiveClient(`${server.url}/graphql`, ['graphql-transport-ws', `bearer.${key}`]);
      await new Promise((resolve) => client.socket.addEventListener('open', resolve, { once: true }));
      client.say({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
      await client.until('connection_ack');
      const of = [`projectId: "${project}"`, `runId: "${run}"`, `taskId: "${task}"`, `agentId: "${agent}"`];
      for (const [at, filter] of [...of, ''].entries()) {
        const query = `subscription { events(${filter} after: "") { type subject projectid data } }`;
        client.say({ id: String(at), type: 'subscribe', payload: { query } });
      }
      client.say({
        id: 'run',
        type: 'subscribe',
        payload: { query: `subscription { run(id: "${run}") { id } }` },
      });
      await comment();
      const cloned = await somethingOwn();
      const heard: string[] = [];
      for (
        let text = '';
        !text.includes(cloned) || !heard.some((one) => one.includes('RUN_NOT_FOUND'));
        heard.push(text)
      )
        text = JSON.stringify(await client.next());
      client.close();
      expect(heard.filter((text) => !text.includes('RUN_NOT_FOUND')).flatMap(shownIn)).toEqual([]);
    });
  });
};
