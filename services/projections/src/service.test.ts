import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlobStore } from '@partitura/shared/blobs';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { operations } from '@partitura/shared/http';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { type ProjectionsService, projectionsService } from './service.ts';

let store: EventStore;
let readModels: ReadModels;
let blobs: BlobStore;
let service: ProjectionsService;

const planDocument = {
  requirements: [
    { id: 'R1', sourceId: null, text: 'It shortens.', line: 3, kind: 'functional', priority: 'must' },
  ],
  questions: [],
  architecture: { document: '# Architecture', technologies: [], risks: [] },
  tasks: [],
  estimate: {
    durationMs: { p50: 1, p90: 2 },
    costMicroUsd: { p50: 1, p90: 2 },
    tokens: { p50: 1, p90: 2 },
    criticalPath: [],
    criticalPathMs: 0,
    width: 1,
    schedule: [],
    simulations: 10,
  },
  risks: [],
};

beforeEach(async () => {
  store = openSqliteEventStore({ path: ':memory:' });
  readModels = openSqliteReadModels({ path: ':memory:' });
  blobs = memoryBlobStore();
  service = projectionsService({ store, readModels, blobs, clock: systemClock, logger: silentLogger });
  const plan = await blobs.put(JSON.stringify(planDocument));
  await tellStore(store, runStory({ plan, deadLetter: true }));
  for (const component of service.components) await component.start();
  await service.waitFor(await store.head(), 60_000);
});
afterEach(async () => {
  for (const component of service.components) await component.stop(1_000);
  await readModels.close();
  await store.close();
});

const context = {
  actor: 'user:tester',
  organizationId: null,
  correlationId: 'q1',
  commandId: 'c1',
  expectedRevision: null,
};
const ask = async (
  name: keyof typeof operations,
  params: object = {},
  query: object = {},
): Promise<unknown> => {
  const handler = service.operations[name] as
    | ((input: object, given: typeof context) => Promise<unknown>)
    | undefined;
  if (!handler) throw new Error(`${name} has no handler`);
  const operation = operations[name];
  return handler({ params, query: operation.query.parse(query), body: null }, context);
};

const ids: Readonly<Record<string, string>> = {
  projects: 'p_1',
  runs: 'r_1',
  tasks: 'r_1.T1',
  agents: 'r_1.T1.a1',
  approvals: 'r_1.ap1',
  artifacts: '1'.padStart(64, '0'),
};

describe('the operations of the read models', () => {
  const names = Object.entries(operations)
    .filter(([, { owner, method }]) => owner === 'projections' && method === 'GET')
    .map(([name]) => name as keyof typeof operations);

  it.each(names)('%s answers in the shape of its operation', async (name) => {
    const operation = operations[name];
    const id = ids[operation.path.split('/')[1] ?? ''];
    const params = operation.path.includes(':id') ? { id, other: id } : { model: 'tasks' };
    const answer = await ask(name, params, { after: await store.head() });
    expect(() => operation.result.parse(answer)).not.toThrow();
  });
});

describe('the state of a run', () => {
  const stateAt = (at: object) => ask('getRunState', { id: 'r_1' }, at);

  it('at the end of its history is what it is now', async () => {
    const now = await stateAt({ after: await store.head() });
    expect(await stateAt({ at: await store.head() })).toEqual({
      ...Object(now),
      position: expect.any(String),
    });
  });

  it('at every position is what the live documents said then', async () => {
    const first = operations.getRunState.result.parse(await stateAt({ at: '2026-01-01T00:00:03.000Z' }));
    expect(first).toMatchObject({ run: { status: 'running', phase: null }, tasks: [], agents: [] });
    const { position } = first;
    expect(await stateAt({ at: position })).toEqual(first);
  });

  it.each([
    [{ at: '2025-01-01T00:00:00Z' }, 'MOMENT_BEFORE_RUN'],
    [{ at: '0000000000000001' }, 'MOMENT_BEFORE_RUN'],
    [{ at: 'half past: nine' }, 'BAD_MOMENT'],
    [{ at: '17' }, 'BAD_MOMENT'],
    [{ at: '9999999999999999' }, 'UNKNOWN_POSITION'],
    [{ at: '2999-01-01T00:00:00Z' }, 'UNKNOWN_TIME'],
    [{ after: 'zzz' }, 'UNKNOWN_POSITION'],
  ])('at %j is refused with %s', async (at, code) => {
    await expect(stateAt(at)).rejects.toMatchObject({ code });
  });
});

describe('what is not there', () => {
  it.each([
    ['getRun', 'RUN_NOT_FOUND'],
    ['getTask', 'TASK_NOT_FOUND'],
    ['getProject', 'PROJECT_NOT_FOUND'],
    ['getAgent', 'AGENT_NOT_FOUND'],
    ['getArtifact', 'ARTIFACT_NOT_FOUND'],
    ['getApproval', 'APPROVAL_NOT_FOUND'],
    ['listRunTasks', 'RUN_NOT_FOUND'],
    ['getRunHistory', 'RUN_NOT_FOUND'],
    ['listTaskComments', 'TASK_NOT_FOUND'],
    ['listProjectRuns', 'PROJECT_NOT_FOUND'],
  ] as const)('%s: %s', async (name, code) => {
    await expect(ask(name, { id: 'nobody' })).rejects.toMatchObject({ code });
  });
});
