import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId } from '@partitura/shared/events';
import { startRunBody, updateProjectBody } from '@partitura/shared/http';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { configuration, planAndSwarm } from '../testing/scenario.ts';
import { call, openWorld, projectId, type World } from '../testing/world.ts';

let world: World;
let living: Awaited<ReturnType<World['live']>>;

beforeEach(async () => {
  world = await openWorld();
  living = await world.live();
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

const { version: _, ...unnumbered } = { ...planAndSwarm, name: 'our-way' };
const publish = (body: Record<string, unknown>, commandId = 'c_1', organizationId: string | null = null) =>
  living.operations.publishWorkflow(
    { params: {}, query: {}, body },
    { ...call(commandId), organizationId: organizationId === null ? null : asOrganizationId(organizationId) },
  );
const get = (version: number) =>
  living.operations.getWorkflowVersion(
    { params: { name: 'our-way', version }, query: {}, body: null },
    call('c_get'),
  );
const refused = (code: string) => expect.objectContaining({ code });

describe('a way of working of one’s own', () => {
  it('is published in versions that never change, and the same twice is one', async () => {
    expect(await publish(unnumbered)).toMatchObject({ id: 'our-way', version: 1 });
    expect(await publish(unnumbered, 'c_2')).toMatchObject({ version: 1 });
    const other = { ...unnumbered, description: 'Otherwise.' };
    expect(await publish(other, 'c_3')).toMatchObject({ version: 2 });
    expect(await publish({ ...other, version: 2 }, 'c_4')).toMatchObject({ version: 2 });
    await expect(publish({ ...unnumbered, version: 2 }, 'c_5')).rejects.toEqual(
      refused('VERSION_ALREADY_PUBLISHED'),
    );
    await expect(publish({ ...unnumbered, version: 4 }, 'c_6')).rejects.toEqual(
      refused('WRONG_WORKFLOW_VERSION'),
    );
    expect((await get(1)).definition).toEqual({ ...unnumbered, version: 1 });
    expect(await get(2)).toMatchObject({
      builtIn: false,
      versions: [1, 2],
      definition: { description: 'Otherwise.' },
    });
    await expect(get(3)).rejects.toEqual(refused('WORKFLOW_NOT_FOUND'));
    expect((await world.events('workflow-default')).map(({ type }) => type)).toEqual([
      'workflow.published',
      'workflow.published',
    ]);
  });

  it('published by two at once gets two versions, or one is told', async () => {
    const first = publish({ ...unnumbered, description: 'One.' }, 'c_1');
    const second = publish({ ...unnumbered, description: 'Two.' }, 'c_2');
    const outcomes = await Promise.allSettled([first, second]);
    const published = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.version] : []));
    expect(new Set(published).size).toBe(published.length);
    for (const one of outcomes)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'VERSION_ALREADY_PUBLISHED' });
    expect((await world.events('workflow-default')).length).toBe(published.length);
  });

  it('says of each field what is wrong, and takes no name of what comes with the program', async () => {
    const [phase] = unnumbered.phases;
    await expect(
      publish({ ...unnumbered, phases: [{ ...phase, maxVisits: 0 }], extra: 1 }),
    ).rejects.toMatchObject({
      code: 'INVALID_WORKFLOW',
      problems: expect.arrayContaining([expect.objectContaining({ path: 'phases.0.maxVisits' })]),
    });
    await expect(publish({ ...unnumbered, name: architectPlanSwarm.name })).rejects.toEqual(
      refused('WORKFLOW_NAME_TAKEN'),
    );
  });

  it('is its organisation’s alone', async () => {
    await publish(unnumbered, 'c_1', 'acme');
    await expect(get(1)).rejects.toEqual(refused('WORKFLOW_NOT_FOUND'));
    const namesOf = async (organizationId: string | null) => {
      const context = {
        ...call('c'),
        organizationId: organizationId === null ? null : asOrganizationId(organizationId),
      };
      const page = await living.operations.listWorkflows({ params: {}, query: {}, body: null }, context);
      return page.items.map(({ name, builtIn }) => `${name}${builtIn ? '' : '*'}`);
    };
    expect(await namesOf('acme')).toEqual(['architect-plan-swarm', 'our-way*', 'plan-and-swarm']);
    expect(await namesOf('other')).toEqual(['architect-plan-swarm', 'plan-and-swarm']);
  });

  it('is what a project works by, and a run keeps the version it was started with', async () => {
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
    const params = { id: projectId };
    const choose = (commandId: string) =>
      living.operations.updateProject(
        { params, query: {}, body: updateProjectBody.parse({ workflow: 'our-way' }) },
        call(commandId),
      );
    await expect(choose('c_early')).rejects.toEqual(refused('UNKNOWN_WORKFLOW'));
    await publish(unnumbered);
    await choose('c_choose');
    const { id } = await living.operations.startRun(
      { params, query: {}, body: startRunBody.parse({}) },
      call('c_run'),
    );
    await publish({ ...unnumbered, description: 'Otherwise.' }, 'c_next');
    const [created] = await world.events(`run-${id}`);
    expect(created?.data).toMatchObject({ configuration: { workflow: { name: 'our-way', version: 1 } } });
  });
});
