import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createProjectBody, startRunBody, updateProjectBody } from '@partitura/shared/http';
import { configuration, limit } from '../testing/scenario.ts';
import { call, openWorld, projectId, type World } from '../testing/world.ts';

let world: World;
let living: Awaited<ReturnType<World['live']>>;

const created = {
  type: 'project.created',
  data: {
    projectId,
    name: 'One',
    prd: configuration().prd,
    repository: { url: '/somewhere', baseBranch: 'main' },
    stack: ['node'],
    constraints: [],
    successCriteria: [],
    budget: limit({ microUsd: 1_000_000 }),
    workflow: 'plan-and-swarm',
  },
};

beforeEach(async () => {
  world = await openWorld();
  living = await world.live();
  await world.record('project', projectId, 'r_none', created);
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

const params = { id: projectId };
const start = async (commandId: string): Promise<string> => {
  const budget = { usd: 0.1, onExceed: 'stop' };
  const input = { params, query: {}, body: startRunBody.parse({ budget }) };
  return (await living.operations.startRun(input, call(commandId))).id;
};
const pause = (commandId: string, expectedRevision: number | null = null) =>
  living.operations.pauseProject(
    { params, query: {}, body: { reason: '' } },
    call(commandId, expectedRevision),
  );
const cancel = (commandId: string) =>
  living.operations.cancelProject({ params, query: {}, body: { reason: 'Enough.' } }, call(commandId));
const typesOf = async (stream: string) => (await world.events(stream)).map(({ type }) => type);
const count = async (runId: string, type: string) =>
  (await typesOf(`run-${runId}`)).filter((one) => one === type).length;

describe('all runs of a project', () => {
  it('are told at once, each in its own stream, and the same command again tells nobody anything', async () => {
    const runs = [await start('c_1'), await start('c_2')];
    const first = await pause('c_pause');
    expect(await pause('c_pause')).toEqual(first);
    for (const runId of runs) expect(await count(runId, 'run.paused')).toBe(1);
    expect(first.position).toBe((await world.events(`run-${runs[1]}`)).at(-1)?.position);
    await living.operations.resumeProject({ params, query: {}, body: null }, call('c_resume'));
    for (const runId of runs) expect(await count(runId, 'run.resumed')).toBe(1);
    await cancel('c_cancel');
    for (const runId of runs) expect(await count(runId, 'run.cancelled')).toBe(1);
    expect(await cancel('c_again')).toMatchObject({ id: projectId });
  });

  it('are told also when one was asked for and lost before it was started', async () => {
    const asked = { runId: 'r_lost', reserved: null, configuration: configuration() };
    await world.record('project', projectId, 'r_lost', { type: 'project.run_requested', data: asked });
    await cancel('c_cancel');
    expect(await count('r_lost', 'run.created')).toBe(1);
    expect(await count('r_lost', 'run.cancelled')).toBe(1);
    // The reactor comes to the request later, and finds nothing to do.
    await living.start();
    await world.until(`project-${projectId}`, 'project.run_settled');
    expect(await count('r_lost', 'run.created')).toBe(1);
  });

  it('are left alone by somebody who has not seen the latest of the project', async () => {
    await start('c_1');
    await expect(pause('c_pause', 0)).rejects.toMatchObject({ code: 'STALE_REVISION' });
    await pause('c_pause', 1);
  });
});

describe('a project', () => {
  it('is edited under the revision that was seen, with the checks that it was created with', async () => {
    const { operations } = living;
    const change = (body: object, commandId: string, revision: number | null = null) =>
      operations.updateProject(
        { params, query: {}, body: updateProjectBody.parse(body) },
        call(commandId, revision),
      );
    await change({ name: 'Two', budget: { usd: 2 } }, 'c_1', 0);
    await expect(change({ name: 'Three' }, 'c_2', 0)).rejects.toMatchObject({ code: 'STALE_REVISION' });
    await expect(change({ workflow: 'nope' }, 'c_3')).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
    const revise = (text: string, commandId: string) =>
      operations.reviseProjectPrd({ params, query: {}, body: { text } }, call(commandId));
    await expect(revise('  ', 'c_4')).rejects.toMatchObject({ code: 'PRD_EMPTY' });
    await expect(
      operations.createProject(
        {
          params: {},
          query: {},
          body: createProjectBody.parse({ prd: { text: '  ' }, repository: { url: '/x' } }),
        },
        call('c_5'),
      ),
    ).rejects.toMatchObject({ code: 'PRD_EMPTY' });
    await revise('# Links\n\nShorten links.\n\n- It shortens a URL to six characters.\n', 'c_6');
    const events = await world.events(`project-${projectId}`);
    expect(events.slice(1).map(({ type, data }) => ({ type, data }))).toMatchObject([
      { type: 'project.configured', data: { name: 'Two', budget: { microUsd: 2_000_000 } } },
      { type: 'project.prd_revised', data: { prdRevision: 2, prd: { name: 'PRD.md', title: 'Links' } } },
    ]);
  });

  it('is cloned as it is configured now, once for one command, and removed when nothing runs', async () => {
    const { operations } = living;
    const body = updateProjectBody.parse({ constraints: ['No frameworks.'] });
    await operations.updateProject({ params, query: {}, body }, call('c_1'));
    const clone = () => operations.cloneProject({ params, query: {}, body: {} }, call('c_clone'));
    const { id } = await clone();
    expect((await clone()).id).toBe(id);
    const [copy, ...more] = await world.events(`project-${id}`);
    expect(copy?.data).toEqual({
      ...created.data,
      projectId: id,
      name: 'One (copy)',
      constraints: ['No frameworks.'],
    });
    expect(more).toEqual([]);
    const remove = (commandId: string) =>
      operations.removeProject({ params: { id }, query: {}, body: null }, call(commandId));
    await remove('c_remove');
    await expect(remove('c_more')).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    await expect(
      operations.startRun({ params: { id }, query: {}, body: startRunBody.parse({}) }, call('c_run')),
    ).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });
});
