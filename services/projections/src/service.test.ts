import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { operations } from '@partitura/shared/http';
import { runStory } from '@partitura/shared/http/testing';
import { planFor, type ToldService, toldService } from './testing/told-service.ts';

let told: ToldService;

beforeEach(async () => {
  told = await toldService(async (blobs) => {
    const plan = await blobs.put(JSON.stringify(planFor([{ id: 'R1', line: 3 }])));
    return runStory({ plan, deadLetter: true });
  });
});
afterEach(() => told.stop());

const ask = (name: keyof typeof operations, params: object = {}, query: object = {}): Promise<unknown> =>
  told.ask(name, { params, query });

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
    const answer = await ask(name, params, { after: await told.store.head() });
    expect(() => operation.result.parse(answer)).not.toThrow();
  });
});

describe('the state of a run', () => {
  const stateAt = (at: object) => ask('getRunState', { id: 'r_1' }, at);

  it('at the end of its history is what it is now', async () => {
    const now = await stateAt({ after: await told.store.head() });
    expect(await stateAt({ at: await told.store.head() })).toEqual({
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
