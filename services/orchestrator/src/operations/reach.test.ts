import { mkdir, symlink } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId, noUsage, type OrganizationId } from '@partitura/shared/events';
import { type CallContext, createProjectBody, startRunBody } from '@partitura/shared/http';
import { createRepository } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { architectPlanSwarm, type Workflow } from '@partitura/shared/workflows';
import { task } from '../testing/scenario.ts';
import { call, openWorld, type World } from '../testing/world.ts';

const acme = asOrganizationId('acme');
const other = asOrganizationId('other');
const asking: Workflow = {
  ...architectPlanSwarm,
  name: 'asking',
  phases: architectPlanSwarm.phases
    .filter(({ id }) => id !== 'architect')
    .map((phase) => (phase.id === 'planner' ? { ...phase, act: { kind: 'plan', approval: true } } : phase)),
};

let world: World;
let living: Awaited<ReturnType<World['live']>>;
let commands = 0;

const by = (organizationId: OrganizationId | null): CallContext => {
  commands += 1;
  return { ...call(`c_${commands}`), actor: `user:${organizationId}`, organizationId };
};
const on = <Body>(id: string, body: Body) => ({ params: { id }, query: {}, body });

const create = async (context: CallContext) => {
  const url = `${world.directory}/repositories/${context.organizationId}/${context.commandId}`;
  const identity = { name: 'T', email: 't@example.org' };
  await createRepository(url, { files: { 'README.md': '# Links\n' }, message: 'One', identity });
  const text = '# Links\n\nShorten links for people who write letters.\n\n- A user can shorten a link.\n';
  const body = createProjectBody.parse({ prd: { text }, repository: { url } });
  const { id } = await living.operations.createProject({ params: {}, query: {}, body }, context);
  return id;
};
const startRun = async (projectId: string, context: CallContext) => {
  const body = startRunBody.parse({ workflow: asking });
  return (await living.operations.startRun(on(projectId, body), context)).id;
};
const everything = async () => (await Array.fromAsync(world.store.readAll())).flatMap(({ events }) => events);
const owners = async () => new Set((await everything()).map(({ metadata }) => metadata.organizationId));

/** A run with a task that an agent is at, whose plan somebody of the whole installation had agreed to. */
const begun = async () => {
  const projectId = await create(by(acme));
  const runId = await startRun(projectId, by(acme));
  await world.propose(runId, [task('T1')]);
  await world.until(`run-${runId}`, 'approval.requested');
  await living.operations.grantApproval(on(`${runId}.plan1`, { comment: '' }), by(null));
  const finished = { phase: 'planner', visit: 1, usage: noUsage };
  await world.record('plan', runId, runId, { type: 'plan.phase_finished', data: finished });
  await world.until(`run-${runId}`, 'task.scheduled');
  return { projectId, runId };
};

beforeEach(async () => {
  commands = 0;
  world = await openWorld({ organizationId: acme });
  living = await world.live();
  await living.start();
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

it('says with every event whose it is, also after a restart and where time alone was the cause', async () => {
  const { projectId, runId } = await begun();
  await living.stop();
  living = await world.live();
  await living.start();
  await world.clock.advance(3_600_000);
  await world.until(`run-${runId}`, 'task.attempt_failed');
  await living.operations.cancelRun(on(runId, { reason: '' }), by(null));
  await world.until(`project-${projectId}`, 'project.run_settled');
  await living.operations.archiveProject(on(projectId, null), by(null));
  expect(await owners()).toEqual(new Set([acme]));
});

it('goes on to name nobody where nobody was named, which is the default organisation', async () => {
  await living.stop();
  await world.close();
  world = await openWorld();
  living = await world.live();
  await living.start();
  const projectId = await create(by(null));
  const runId = await startRun(projectId, by(asOrganizationId('default')));
  await living.operations.pauseRun(on(runId, { reason: '', cause: 'operator' }), by(null));
  expect(await owners()).toEqual(new Set([undefined]));
  const refused = living.operations.resumeRun(on(runId, null), by(acme));
  await expect(refused).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

describe('what belongs to another organisation', () => {
  type Call = (ids: { projectId: string; runId: string }, context: CallContext) => Promise<unknown>;
  const operations = () => living.operations;
  const calls: readonly (readonly [string, string, Call])[] = [
    ['startRun', 'PROJECT_NOT_FOUND', ({ projectId }, context) => startRun(projectId, context)],
    [
      'archiveProject',
      'PROJECT_NOT_FOUND',
      ({ projectId }, context) => operations().archiveProject(on(projectId, null), context),
    ],
    [
      'pauseRun',
      'RUN_NOT_FOUND',
      ({ runId }, context) => operations().pauseRun(on(runId, { reason: '', cause: 'operator' }), context),
    ],
    ['resumeRun', 'RUN_NOT_FOUND', ({ runId }, context) => operations().resumeRun(on(runId, null), context)],
    [
      'cancelRun',
      'RUN_NOT_FOUND',
      ({ runId }, context) => operations().cancelRun(on(runId, { reason: '' }), context),
    ],
    ['retryRun', 'RUN_NOT_FOUND', ({ runId }, context) => operations().retryRun(on(runId, {}), context)],
    [
      'retryTask',
      'TASK_NOT_FOUND',
      ({ runId }, context) => operations().retryTask(on(`${runId}.T1`, {}), context),
    ],
    [
      'approveTask',
      'TASK_NOT_FOUND',
      ({ runId }, context) => operations().approveTask(on(`${runId}.T1`, { comment: '' }), context),
    ],
    [
      'cancelTask',
      'TASK_NOT_FOUND',
      ({ runId }, context) => operations().cancelTask(on(`${runId}.T1`, { reason: '' }), context),
    ],
    [
      'commentTask',
      'TASK_NOT_FOUND',
      ({ runId }, context) => operations().commentTask(on(`${runId}.T1`, { text: 'Hm.' }), context),
    ],
    [
      'grantApproval',
      'APPROVAL_NOT_FOUND',
      ({ runId }, context) => operations().grantApproval(on(`${runId}.plan1`, { comment: '' }), context),
    ],
    [
      'denyApproval',
      'APPROVAL_NOT_FOUND',
      ({ runId }, context) => operations().denyApproval(on(`${runId}.plan1`, { comment: '' }), context),
    ],
  ];
  const refusal = async (answer: Promise<unknown>) => {
    const error = await answer.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof PartituraError)) throw new Error('It was not refused.', { cause: error });
    return { code: error.code, message: error.message, advice: error.advice };
  };

  it('is not there, in the very words for what nobody has, and stays as it is', async () => {
    const ids = await begun();
    const nobodys = { projectId: 'p_nobodys', runId: 'r_nobodys' };
    for (const [name, code, ask] of calls) {
      const theirs = await refusal(ask(ids, by(other)));
      const { message, ...unknown } = await refusal(ask(nobodys, by(other)));
      const same = message.replaceAll('p_nobodys', ids.projectId).replaceAll('r_nobodys', ids.runId);
      expect({ name, ...theirs }).toEqual({ name, ...unknown, code, message: same });
    }
    const actors = (await everything()).map(({ metadata }) => metadata.actor);
    expect(new Set(actors)).toEqual(
      new Set(['user:acme', 'user:null', 'service:test', 'service:orchestrator']),
    );
  });
});

describe('a repository of a project', () => {
  it('is by path only in the folder of whoever’s project it is, unless the caller owns the installation', async () => {
    const ours = by(acme);
    const named = (url: string, context: CallContext) => {
      const text = '# Links\n\nShorten links for people who write letters.\n\n- A user can shorten a link.\n';
      const body = createProjectBody.parse({ prd: { text }, repository: { url } });
      return living.operations.createProject({ params: {}, query: {}, body }, context);
    };
    await create(ours);
    const theirs = `${world.directory}/repositories/acme/${ours.commandId}`;
    const refused = expect.objectContaining({
      code: 'REPOSITORY_NOT_ALLOWED',
      problems: [expect.objectContaining({ path: 'body.repository.url' })],
    });
    for (const url of [
      theirs,
      `${world.directory}/repositories/other/../acme/${ours.commandId}`,
      `file://${theirs}`,
      `${world.directory}/repositories/other/nothing-there`,
      'http://example.com/a.git',
      'git://example.com/a.git',
    ])
      await expect(named(url, by(other))).rejects.toEqual(refused);
    await mkdir(`${world.directory}/repositories/other`, { recursive: true });
    await symlink(theirs, `${world.directory}/repositories/other/link`);
    await expect(named(`${world.directory}/repositories/other/link`, by(other))).rejects.toEqual(refused);
    expect(await named(theirs, by(null))).toMatchObject({ id: expect.any(String) });
  });
});
