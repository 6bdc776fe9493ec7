import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GraphQLField } from 'graphql';
import { type LiveClient, openLiveClient } from '../../../../services/gateway/src/testing/live-client.ts';
import { anyJson, anyText, spoiled } from '../testing/arbitrary.ts';
import { deeplySpoiled } from '../testing/deeply-spoiled.ts';
import { type ApiDocument, readDocument } from '../testing/document.ts';
import { type Graph, readGraph, requestOf } from '../testing/graph.ts';
import { bootstrapKey } from '../testing/server.ts';
import type { StartWorld, World } from '../testing/world.ts';

const secrets = { github: 'the-secret-of-github-0815', gitlab: 'the-secret-of-gitlab-4711' };

/** How the world of these suites has to be started. */
export const doors = {
  PARTITURA_GITHUB_WEBHOOK_SECRET: secrets.github,
  PARTITURA_GITLAB_WEBHOOK_SECRET: secrets.gitlab,
};

const signedFor = (provider: keyof typeof secrets, body: string): Record<string, string> =>
  provider === 'gitlab'
    ? { 'x-gitlab-token': secrets.gitlab }
    : {
        'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.github).update(body).digest('hex')}`,
      };

/**
 * What is no route of REST: the graph, the socket, and what CI systems call. Good and broken, nothing may bring the server down, hang, or be
 * its fault.
 * @param usually how many requests each of them gets
 */
export const describeOtherDoors = (start: StartWorld, usually = 30): void => {
  const numRuns = Number(process.env.PARTITURA_TEST_REQUESTS ?? usually);
  const endless = { numRuns, interruptAfterTimeLimit: 600_000, markInterruptAsFailure: true };
  let world: World;
  let document: ApiDocument;
  let graph: Graph;

  beforeAll(async () => {
    world = await start(doors);
    document = await readDocument(world.server.ask);
    graph = await readGraph(world.server.ask, bootstrapKey);
  });
  afterAll(() => world.stop());

  describe('a CI system may send', () => {
    const branch = () => `partitura/${world.busy.has.run}`;
    const payloads = {
      github: () => ({
        action: 'completed',
        repository: { id: 1 },
        workflow_run: {
          name: 'CI',
          head_branch: branch(),
          head_sha: 'a'.repeat(40),
          head_repository: { id: 1 },
          status: 'completed',
          conclusion: 'success',
          html_url: 'https://ci.example/1',
        },
      }),
      gitlab: () => ({
        object_kind: 'pipeline',
        object_attributes: {
          ref: branch(),
          sha: 'a'.repeat(40),
          status: 'success',
          url: 'https://ci.example/1',
        },
        merge_request: { source_project_id: 1, target_project_id: 1 },
      }),
    };

    it.each(['github', 'gitlab'] as const)(
      'what it likes to /hooks/%s, signed',
      async (provider) => {
        const payload = payloads[provider]();
        const events = fc.constantFrom('workflow_run', 'check_run', 'check_suite', 'status', 'push', '');
        const body = fc.oneof(
          fc.constant(JSON.stringify(payload)),
          deeplySpoiled(payload).map((one) => JSON.stringify(one) ?? ''),
          anyText,
        );
        let taken = 0;
        await fc.assert(
          fc.asyncProperty(body, events, async (raw, event) => {
            const headers = {
              'content-type': 'application/json',
              'x-github-event': event,
              ...signedFor(provider, raw),
            };
            const answer = await world.server.ask('POST', `/hooks/${provider}`, { raw, headers });
            taken += Number(answer.status < 300);
            expect(answer.status).toBeLessThan(500);
            if (answer.status >= 400) expect(document.problemFaults(answer.json)).toBeNull();
          }),
          endless,
        );
        expect(taken).toBeGreaterThan(0);
      },
      600_000,
    );
  });

  describe('the graph', () => {
    const fields = (): readonly (readonly ['query' | 'mutation', GraphQLField<unknown, unknown>])[] => [
      ...Object.values(graph.schema.getQueryType()?.getFields() ?? {}).map((one) => ['query', one] as const),
      ...Object.values(graph.schema.getMutationType()?.getFields() ?? {}).map(
        (one) => ['mutation', one] as const,
      ),
    ];
    const someArguments = (field: GraphQLField<unknown, unknown>) =>
      fc.record(
        Object.fromEntries(
          field.args.map(({ name }) => [
            name,
            fc.oneof(fc.constantFrom(...Object.values(world.busy.has)), anyText, anyJson),
          ]),
        ),
        { noNullPrototype: true },
      );
    const wellMade = () =>
      fc
        .constantFrom(...fields())
        .chain(([kind, field]) => someArguments(field).map((given) => requestOf(kind, field, given)));
    const words = fc.constantFrom(
      ...['{', '}', '(', ')', '{ runs { items', '{ id } }', 'query', 'mutation', 'fragment F on Run', '...F'],
      ...['$x: Int', 'runs', '(first: 1)', '__schema { types { name } }', '@skip(if: true)', '"', '#', '\\u'],
    );
    const bodies = () =>
      fc.oneof(
        { weight: 5, arbitrary: wellMade() },
        {
          weight: 3,
          arbitrary: fc.array(words, { maxLength: 12 }).map((all) => ({ query: all.join(' ') })),
        },
        {
          weight: 2,
          arbitrary: fc.constant({ query: '{ runs { items { id } } }', variables: {} }).chain(spoiled),
        },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 5, max: 3_000 }).map((depth) => ({ query: '{a'.repeat(depth) })),
        },
        { weight: 1, arbitrary: anyJson },
      );

    it('answers whatever it is asked, none with an error of its own', async () => {
      const before = world.server.errors.length;
      await fc.assert(
        fc.asyncProperty(bodies(), async (body) => {
          const answer = await world.server.ask('POST', '/graphql', { key: bootstrapKey, body });
          const awaited = answer.text.includes('READ_MODEL_BEHIND');
          expect([answer.text.slice(0, 500), answer.status < 500 || awaited]).toEqual([
            expect.anything(),
            true,
          ]);
          expect(answer.text).not.toContain('INTERNAL');
        }),
        endless,
      );
      expect(world.server.errors.slice(before)).toEqual([]);
    }, 600_000);
  });

  describe('the socket', () => {
    const good = () => {
      const { run, project, agent } = world.busy.has;
      return [
        { type: 'join', topic: `run:${run}`, after: '' },
        { type: 'join', topic: 'all', types: ['run.completed'] },
        { type: 'leave', topic: `run:${run}` },
        { type: 'command', id: 'c1', command: 'pause', target: `project:${project}`, reason: 'why not' },
        { type: 'command', id: 'c2', command: 'message', target: `agent:${agent}`, text: 'Hello.' },
      ];
    };
    const messages = () =>
      fc.oneof(
        fc.constantFrom(...good()),
        fc.constantFrom(...good()).chain(spoiled),
        anyText,
        fc.constantFrom('{', '[]', '{"type":"ping"', 'null'),
      );
    const open = async (): Promise<LiveClient> => {
      const client = openLiveClient(`${world.server.url}/ws`, ['partitura', `bearer.${bootstrapKey}`]);
      await client.until('welcome');
      return client;
    };
    /** Says it, and waits until the server has come past it; by a new connection where it broke this one off. */
    const saidOn = async (client: LiveClient, message: unknown): Promise<LiveClient> => {
      client.say(typeof message === 'string' ? message : JSON.stringify(message ?? null));
      try {
        client.say({ type: 'ping' });
        await client.until('pong');
        return client;
      } catch {
        // It says why; what it says there is no fault of the server.
        const { code } = await client.closed();
        expect(code).not.toBe(1011);
        return open();
      }
    };

    it('goes on, or says why not, whatever it is told', async () => {
      const before = world.server.errors.length;
      let client = await open();
      await fc.assert(
        fc.asyncProperty(messages(), async (message) => {
          client = await saidOn(client, message);
        }),
        endless,
      );
      client.close();
      expect(world.server.errors.slice(before)).toEqual([]);
    }, 600_000);
  });
};
