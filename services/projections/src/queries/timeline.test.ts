import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asAttemptId, streamName } from '@partitura/shared/events';
import { type OperationHandlers, operations } from '@partitura/shared/http';
import { type Happening, runStory, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { type ProjectionsService, projectionsService } from '../service.ts';

let store: EventStore;
let readModels: ReadModels;
let service: ProjectionsService;
let handlers: OperationHandlers;

const requirement = (id: string, line: number) =>
  ({ id, sourceId: null, text: `It does ${id}.`, line, kind: 'functional', priority: 'must' }) as const;
const plan = {
  requirements: [requirement('R1', 3), requirement('R2', 4), requirement('R9', 5)],
  questions: [],
  architecture: { document: '# As it is', technologies: [], risks: [] },
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

const ofRun = (event: Happening['event']): Happening => ({
  stream: streamName('run', 'r_1'),
  event,
  projectId: 'p_1',
  runId: 'r_1',
});
const verified = (attemptId: string, passed: boolean): Happening => ({
  ...ofRun({
    type: 'agent.verified',
    data: {
      cycle: 1,
      passed,
      checks: [
        {
          name: 'test',
          command: 'npm test',
          outcome: passed ? 'passed' : 'failed',
          exitCode: 0,
          durationMs: 1,
          passed: 3,
          failed: 0,
          output: null,
        },
      ],
      criteria: [{ criterion: 'It is so.', met: passed, evidence: 'a.test.js' }],
    },
  }),
  stream: streamName('agent', asAttemptId(attemptId)),
});

beforeEach(async () => {
  store = openSqliteEventStore({ path: ':memory:' });
  readModels = openSqliteReadModels({ path: ':memory:' });
  const blobs = memoryBlobStore();
  service = projectionsService({ store, readModels, blobs, clock: systemClock, logger: silentLogger });
  handlers = service.operations as OperationHandlers;
  await tellStore(store, [
    ...runStory({ plan: await blobs.put(JSON.stringify(plan)), deadLetter: true }),
    verified('r_1.T1.a1', false),
    verified('r_1.T1.a2', true),
    ofRun({ type: 'task.approved', data: { taskId: 'r_1.T3', comment: 'Good enough.' } }),
  ]);
  for (const component of service.components) await component.start();
  await service.waitFor(await store.head(), 10_000);
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
const params = { id: 'r_1' };

describe('the timeline of a run', () => {
  const pageOf = (query: { limit: number; cursor?: string }) =>
    handlers.getRunTimeline({ params, query, body: null }, context);

  it('has a lane for each task that is worked on, with an agent for each attempt, in order', async () => {
    const { items } = await pageOf({ limit: 50 });
    expect(items.map(({ key }) => key)).toEqual(['T1', 'T2', 'T3']);
    expect(items[0]?.agents.map(({ attempt }) => attempt)).toEqual([1, 2]);
    for (const { agents, startedAt, endedAt, status } of items) {
      expect(startedAt).toBe(agents[0]?.startedAt);
      expect(endedAt === null).toBe(!['completed', 'dead_letter'].includes(status));
    }
  });

  it('comes in pages that miss nothing and show nothing twice', async () => {
    const keys: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof pageOf>> = await pageOf({
        limit: 1,
        ...(cursor === null ? {} : { cursor }),
      });
      keys.push(...page.items.map(({ key }) => key));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(keys).toEqual(['T1', 'T2', 'T3']);
  });
});

describe('how a run was verified', () => {
  it('leads from each requirement to its tasks, and from these to what showed that they hold', async () => {
    const answer = await handlers.getRunVerification({ params, query: {}, body: null }, context);
    const { requirements, tasks } = operations.getRunVerification.result.parse(answer);
    expect(requirements).toMatchObject([
      { id: 'R1', line: 3, met: true, taskIds: ['r_1.T1'] },
      { id: 'R2', met: true },
      // Nobody serves it: that is no proof.
      { id: 'R9', met: false, taskIds: [] },
    ]);
    expect(tasks.find(({ key }) => key === 'T1')).toMatchObject({
      verifiedBy: 'checks',
      agentId: 'r_1.T1.a2',
      commit: expect.any(String),
      checks: [{ name: 'test', outcome: 'passed', passed: 3 }],
      criteria: [{ met: true, evidence: 'a.test.js' }],
    });
    // Done, and nobody knows how.
    expect(tasks.find(({ key }) => key === 'T2')).toMatchObject({ verifiedBy: null, checks: [] });
  });
});

describe('lists', () => {
  it('are narrowed by what is asked for, also by two things at once', async () => {
    const idsOf = async (
      name: 'listRuns' | 'listAgents' | 'listApprovals' | 'listProjects',
      query: object,
    ) => {
      const parsed = operations[name].query.parse(query);
      const page = await handlers[name]({ params: {}, query: parsed, body: null } as never, context);
      return page.items.map(({ id }) => id);
    };
    const [run] = (await handlers.listRuns({ params: {}, query: { limit: 5 }, body: null }, context)).items;
    expect(await idsOf('listRuns', { status: run?.status, projectId: 'p_1' })).toEqual(['r_1']);
    expect(await idsOf('listRuns', { status: run?.status, projectId: 'p_2' })).toEqual([]);
    expect(await idsOf('listRuns', { status: 'queued', projectId: 'p_1' })).toEqual([]);
    expect(await idsOf('listApprovals', { status: 'granted', runId: 'r_1' })).toEqual(['r_1.ap1']);
    expect(await idsOf('listApprovals', { status: 'pending', runId: 'r_1' })).toEqual([]);
    expect(await idsOf('listAgents', { status: 'waiting' })).toEqual([]);
    expect(await idsOf('listProjects', { status: 'archived' })).toEqual([]);
  });
});
