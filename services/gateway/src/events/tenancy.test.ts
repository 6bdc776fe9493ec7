import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asOrganizationId, streamName, versionOf } from '@partitura/shared/events';
import { apiClient, type CallContext, type CloudEvent } from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { PartituraError, silentLogger, systemClock } from '@partitura/shared/runtime';
import { keyRing } from '@partitura/shared/subject-keys';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { type Caller, localCaller } from '../identity/caller.ts';
import { noReads } from '../identity/reads.ts';
import { sendProblem } from '../problem.ts';
import { registerArtifactContent } from '../routes/artifact-content.ts';
import { registerEvents } from './event-routes.ts';
import { liveEvents } from './live-events.ts';

const acme = asOrganizationId('acme');
const blobs = memoryBlobStore();

let store: EventStore;
let app: FastifyInstance;
let url: string;
let stopping: AbortController;

/** Who somebody is says a header here; what is to be seen is the matter. */
const callerOf = ({ headers }: FastifyRequest): Caller => ({
  ...localCaller,
  organizationId: typeof headers.whose === 'string' ? asOrganizationId(headers.whose) : null,
});

/** The owner has a thing, and only acme's. */
const call = async (_name: string, input: { params: unknown }, { organizationId }: CallContext) => {
  const id = String(Reflect.get(Object(input.params), 'id'));
  if (organizationId !== acme) throw new PartituraError('AGENT_NOT_FOUND', `There is no agent "${id}".`);
  return { id, runId: 'r_acme', contentType: 'text/plain' };
};

beforeEach(async () => {
  store = openSqliteEventStore({ path: ':memory:' });
  stopping = new AbortController();
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, silentLogger));
  const caller = { call };
  await app.register(
    async (api) => {
      registerEvents(api, {
        store,
        live: liveEvents(store, keyRing()),
        caller,
        callerOf,
        callerNow: async (request) => callerOf(request),
        clock: systemClock,
        logger: silentLogger,
        stopping: stopping.signal,
        reads: noReads,
        subjects: keyRing(),
        heartbeatMs: 15_000,
        slowClientMs: 30_000,
      });
      registerArtifactContent(api, { caller, blobs, callerOf, subjects: keyRing() });
    },
    { prefix: '/api/v1' },
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  stopping.abort();
  await app.close();
  await store.close();
});

const clientOf = (whose: string | null) =>
  apiClient({
    baseUrl: url,
    fetch: (target, options) =>
      fetch(target, {
        ...options,
        headers: { ...Object(options?.headers), ...(whose === null ? {} : { whose }) },
      }),
  });

/** All that is shown up to, and with, the last event of the story told last. */
const shownTo = async (whose: string | null, filter: object = {}): Promise<readonly CloudEvent[]> => {
  const taken: CloudEvent[] = [];
  const { id: last } = (await everything()).at(-1) ?? { id: '' };
  for await (const event of clientOf(whose).events({ ...filter, after: '' })) {
    taken.push(event);
    if (event.id === last) break;
  }
  return taken;
};
const everything = async () => (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events);

const parked = async (metadata: object) => {
  const data = {
    processor: 'orchestrator.reactions',
    eventId: 'e_1',
    position: '1',
    eventType: 'run.started',
    problem: { code: 'HANDLER_FAILED', message: 'No.' },
    attempts: 5,
  };
  const type = 'processor.event_parked';
  const common = { source: '/test', actor: 'service:test', correlationId: 'c', causationId: null };
  await store.append(
    streamName('processor', 'orchestrator.reactions'),
    [
      {
        id: `parked/${JSON.stringify(metadata)}`,
        type,
        version: versionOf(type),
        data,
        time: '2026-01-01T00:00:00.000Z',
        metadata: { ...common, ...metadata },
      },
    ],
    'any',
  );
};

const story = (whose: string, organizationId?: string) =>
  runStory({
    projectId: `p_${whose}`,
    runId: `r_${whose}`,
    ...(organizationId === undefined ? {} : { organizationId: asOrganizationId(organizationId) }),
  });
const projectsIn = (events: readonly CloudEvent[]) => new Set(events.map(({ projectid }) => projectid));

describe('the events that are shown', () => {
  it.each([
    ['acme', ['p_other', 'p_old', 'p_acme'], { organizationId: acme }],
    // What names nobody is in the default organisation, and what belongs to nobody is not.
    ['default', ['p_other', 'p_acme', 'p_old'], {}],
  ])('to %s are its own, all of them and in order', async (whose, order, metadata) => {
    const owners: Readonly<Record<string, string | undefined>> = { p_other: 'other', p_acme: 'acme' };
    for (const projectId of order) {
      await parked(projectId === order[0] ? metadata : { ...metadata, projectId });
      await tellStore(store, story(projectId.slice(2), owners[projectId]));
    }
    const own = order.at(-1) ?? '';
    const shown = await shownTo(whose);
    expect(shown.map(({ id }) => id)).toEqual(
      (await everything())
        .filter(
          ({ stream, metadata: { projectId } }) => projectId === own && !stream.startsWith('processor-'),
        )
        .map(({ id }) => id),
    );
    expect(await shownTo(whose, { projectId: own })).toEqual(shown);
  });

  it('to who sees the whole installation are all there are', async () => {
    await tellStore(store, story('other', 'other'));
    await parked({});
    await tellStore(store, story('acme', 'acme'));
    const shown = await shownTo(null);
    expect(shown).toHaveLength((await everything()).length);
    expect(projectsIn(shown)).toEqual(new Set(['p_other', undefined, 'p_acme']));
  });

  it('are no others where they are asked for by type', async () => {
    await tellStore(store, [...story('other', 'other'), ...story('acme', 'acme')]);
    const types = ['run.created', 'project.run_settled'];
    expect((await shownTo('acme', { types })).map(({ type, projectid }) => [type, projectid])).toEqual([
      ['run.created', 'p_acme'],
      ['project.run_settled', 'p_acme'],
    ]);
  });
});

describe('what another organisation’s agent says, and what its artifacts are', () => {
  it('is not there', async () => {
    await tellStore(store, story('acme', 'acme'));
    const lines = await Array.fromAsync(clientOf('acme').agentLog('r_acme.T1.a1', { follow: false }));
    expect(lines.length).toBeGreaterThan(0);
    const theirs = Array.fromAsync(clientOf('other').agentLog('r_acme.T1.a1', { follow: false }));
    await expect(theirs).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
    const hash = await blobs.put('What acme made.');
    const content = (whose: string) =>
      fetch(`${url}/api/v1/artifacts/${hash}/content`, { headers: { whose } });
    expect(await (await content('acme')).text()).toBe('What acme made.');
    const refused = await content('other');
    expect(refused.status).toBe(404);
    expect(await refused.text()).not.toContain('What acme made.');
  });
});
