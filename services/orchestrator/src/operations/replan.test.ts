import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noUsage } from '@partitura/shared/events';
import { startRunBody } from '@partitura/shared/http';
import { replanPhase } from '@partitura/shared/planning';
import { configuration, task } from '../testing/scenario.ts';
import { call, openWorld, projectId, type World } from '../testing/world.ts';

let world: World;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = await openWorld();
  await world.record('project', projectId, 'r_none', {
    type: 'project.created',
    data: {
      projectId,
      name: 'One',
      prd: configuration().prd,
      repository: { url: '/somewhere', baseBranch: 'main' },
      stack: [],
      constraints: [],
      successCriteria: [],
      budget: null,
      workflow: 'plan-and-swarm',
    },
  });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await world.close();
});

const start = async () => {
  const living = await world.live(join(world.directory, 'checkpoints.db'));
  await living.start();
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await living.stop();
    isStopped = true;
  };
  stops.push(stop);
  return { operations: living.operations, stop };
};
type Living = Awaited<ReturnType<typeof start>>;

const params = { id: projectId };
const text = '# Links\n\nShorten links.\n\n- It shortens a URL to six characters.\n';
const revise = ({ operations }: Living, commandId = 'c_revise') =>
  operations.reviseProjectPrd({ params, query: {}, body: { text } }, call(commandId));
const replan = ({ operations }: Living, id: string, commandId = 'c_replan') =>
  operations.replanRun({ params: { id }, query: {}, body: null }, call(commandId));

const planned = async ({ operations }: Living): Promise<string> => {
  const { id } = await operations.startRun(
    { params, query: {}, body: startRunBody.parse({ maxAgents: 1 }) },
    call('c_run'),
  );
  await world.propose(id, [task('T1'), task('T2', ['T1'])]);
  await ended(id, 'planner');
  await world.until(`run-${id}`, 'task.scheduled');
  return id;
};
const ended = (runId: string, phase: string) =>
  world.record('plan', runId, runId, {
    type: 'plan.phase_finished',
    data: { phase, visit: 1, usage: noUsage },
  });

describe('a run that takes up an edited PRD', () => {
  it('asks the planner, over a kill between its wish and its answer, and does what comes back once', async () => {
    const first = await start();
    const runId = await planned(first);
    await expect(replan(first, runId)).rejects.toMatchObject({ code: 'NOTHING_TO_REPLAN' });
    await revise(first);
    const { position } = await replan(first, runId);
    expect((await replan(first, runId)).position).toBe(position);
    const job = `plan:${runId}.${replanPhase}.1`;
    await world.until(`run-${runId}`, 'run.replan_started');
    await first.stop();

    const before = world.enqueued.items.length;
    await start();
    expect(world.enqueued.items.slice(before)).toContain(job);
    const changed = [task('T1'), task('V1T1', ['T1'])];
    await world.propose(runId, changed, 2, { number: 1, dropped: ['T2'] });
    await ended(runId, replanPhase);
    const events = await world.until(`run-${runId}`, 'budget.settled', 2);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('run.replan'))).toEqual([
      'run.replan_requested',
      'run.replan_started',
      'run.replanned',
    ]);
    // One append: nobody ever sees a run without the one task and without the other.
    const [accepted, replanned] = ['plan.accepted', 'run.replanned'].map((type) =>
      events.findLast((event) => event.type === type),
    );
    expect(replanned?.metadata.causationId).toBe(accepted?.metadata.causationId);
    expect(replanned?.data).toMatchObject({ cancelled: [`${runId}.T2`], added: [`${runId}.V1T1`] });
  });

  it('has the PRD of its project, not one that anybody hands it', async () => {
    const living = await start();
    const runId = await planned(living);
    await revise(living);
    await replan(living, runId);
    const [requested] = (await world.until(`run-${runId}`, 'run.replan_requested')).filter(
      ({ type }) => type === 'run.replan_requested',
    );
    expect(requested).toMatchObject({
      data: { number: 1, prdRevision: 2, prd: { title: 'Links' } },
      metadata: { actor: 'user:test' },
    });
    await living.operations.cancelRun(
      { params: { id: runId }, query: {}, body: { reason: '' } },
      call('c_cancel'),
    );
    await expect(replan(living, runId, 'c_late')).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });
});
