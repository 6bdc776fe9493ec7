import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId, noUsage } from '@partitura/shared/events';
import { startRunBody } from '@partitura/shared/http';
import { configuration, limit, task } from '../testing/scenario.ts';
import { call, openWorld, projectId, type World } from '../testing/world.ts';

let world: World;
const stops: (() => Promise<void>)[] = [];

const created = (microUsd: number) => ({
  type: 'project.created',
  data: {
    projectId,
    name: 'One',
    prd: configuration().prd,
    repository: { url: '/somewhere', baseBranch: 'main' },
    stack: [],
    constraints: [],
    successCriteria: [],
    budget: limit({ microUsd }),
    workflow: 'plan-and-swarm',
  },
});

beforeEach(async () => {
  world = await openWorld();
  await world.record('project', projectId, 'r_none', created(1_000));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await world.close();
});

const start = async () => {
  const living = await world.live();
  await living.start();
  stops.push(living.stop);
  return living.operations;
};
type Living = Awaited<ReturnType<typeof start>>;

const begin = async (living: Living, commandId = 'c_run', body = {}): Promise<string> => {
  const { id } = await living.startRun(
    { params: { id: projectId }, query: {}, body: startRunBody.parse(body) },
    call(commandId),
  );
  return id;
};

/** What an agent says that made no commit: done. */
const finish = async (runId: string, key: string, attempt = 1): Promise<void> => {
  const taskId = `${runId}.${key}`;
  const attemptId = `${taskId}.a${attempt}`;
  const work = { summary: 'Done.', branch: null, commit: null, requirementIds: [], findings: [] };
  await world.record('agent', attemptId, runId, {
    type: 'agent.finished',
    data: { outcome: 'succeeded', taskId, usage: { ...noUsage, costMicroUsd: 10 }, ...work },
  });
};

/** T1 → T2, and T3 beside them, all done. */
const ended = async (living: Living): Promise<string> => {
  const runId = await begin(living);
  await world.propose(runId, [task('T1'), task('T2', ['T1']), task('T3')]);
  await world.record('plan', runId, runId, {
    type: 'plan.phase_finished',
    data: { phase: 'planner', visit: 1, usage: noUsage },
  });
  await world.until(`run-${runId}`, 'task.scheduled', 2);
  for (const key of ['T1', 'T3', 'T2']) await finish(runId, key);
  await world.until(`run-${runId}`, 'run.completed');
  await world.until(`project-${projectId}`, 'project.completed');
  return runId;
};

const reject = (living: Living, id: string, caller = {}, redo = true) =>
  living.rejectTask(
    { params: { id }, query: {}, body: { reason: 'Wrong.', redo } },
    { ...call('c_reject'), ...caller },
  );

const rejectedIn = async (runId: string): Promise<string[]> =>
  (await world.events(`run-${runId}`)).flatMap(({ type, data }) =>
    type === 'task.rejected' ? [(data as { taskId: string }).taskId.slice(runId.length + 1)] : [],
  );

/** Of knowledge that attempts had in their context. */
const retracted = (...agentIds: readonly string[]) => ({
  type: 'knowledge.node_retracted',
  data: { nodeId: 'k_1', reason: 'Not so.', redo: { agentIds, nodeIds: ['k_1'] } },
});

describe('a rejected task', () => {
  it('opens its run with the money set aside, is done again once, and the project hears of both ends', async () => {
    const living = await start();
    const runId = await ended(living);
    const consumers = await living.getTaskConsumers(
      { params: { id: `${runId}.T1` }, query: {}, body: null },
      call('c_look'),
    );
    expect(consumers.tasks).toMatchObject([
      { id: `${runId}.T2`, status: 'completed', through: 'dependency' },
    ]);
    const { position } = await reject(living, `${runId}.T1`);
    expect((await reject(living, `${runId}.T1`)).position).toBe(position);
    expect(await rejectedIn(runId)).toEqual(['T1', 'T2']);
    const types = (await world.events(`project-${projectId}`)).map(({ type }) => type);
    expect(types.at(-1)).toBe('project.run_reopened');
    await finish(runId, 'T1', 2);
    await world.until(`run-${runId}`, 'task.scheduled', 5);
    await finish(runId, 'T2', 2);
    await world.until(`run-${runId}`, 'run.completed', 2);
    const told = await world.until(`project-${projectId}`, 'project.completed', 2);
    expect(told.filter(({ type }) => type === 'project.run_settled')).toMatchObject([
      { data: { microUsd: 30 } },
      { data: { microUsd: 50 } },
    ]);
  });

  it('is another organisation’s, or none, with the same words', async () => {
    const living = await start();
    const runId = await ended(living);
    const notFound = expect.objectContaining({ code: 'TASK_NOT_FOUND' });
    const other = { organizationId: asOrganizationId('other') };
    await expect(reject(living, `${runId}.T1`, other)).rejects.toEqual(notFound);
    await expect(reject(living, 'r_none.T1')).rejects.toEqual(notFound);
    const look = (id: string, caller: object) =>
      living.getTaskConsumers({ params: { id }, query: {}, body: null }, { ...call('c_look'), ...caller });
    await expect(look(`${runId}.T1`, other)).rejects.toEqual(notFound);
    await expect(look(`${runId}.T9`, {})).rejects.toEqual(notFound);
  });
});

describe('knowledge that was retracted, with the wish to do again what was built upon it', () => {
  it('has each run decide, once, however often it is heard of', async () => {
    const living = await start();
    const runId = await ended(living);
    const said = retracted(`${runId}.T1.a1`, 'r_none.T1.a1');
    await world.record('knowledge', projectId, runId, said);
    await world.until(`run-${runId}`, 'task.rejected', 2);
    await world.record('knowledge', projectId, runId, said);
    await world.record('knowledge', projectId, runId, retracted(`${runId}.T3.a1`));
    await world.until(`run-${runId}`, 'task.rejected', 3);
    expect(await rejectedIn(runId)).toEqual(['T1', 'T2', 'T3']);
  });

  it('leaves it to an operator where the project has no money left for it', async () => {
    const living = await start();
    const runId = await ended(living);
    // All that is left of the project's budget is set aside for this one.
    await begin(living, 'c_other');
    await world.record('knowledge', projectId, runId, retracted(`${runId}.T1.a1`));
    const events = await world.until(`run-${runId}`, 'task.dead_lettered');
    expect(events.at(-1)).toMatchObject({ data: { problem: { code: 'TASK_REJECTED', message: 'Not so.' } } });
    await expect(reject(living, `${runId}.T1`)).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  });

  it('is no business of another project’s runs', async () => {
    const living = await start();
    const runId = await ended(living);
    await world.record('knowledge', 'p_2', runId, retracted(`${runId}.T1.a1`));
    await world.record('knowledge', projectId, runId, retracted(`${runId}.T3.a1`));
    await world.until(`run-${runId}`, 'task.rejected');
    expect(await rejectedIn(runId)).toEqual(['T3']);
  });
});
