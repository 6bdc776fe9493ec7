import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId, asProjectId, noUsage, streamName, type Usage } from '@partitura/shared/events';
import { createProjectBody, startRunBody, operations as table } from '@partitura/shared/http';
import { createRepository, git } from '@partitura/shared/repositories';
import { planAndSwarm, task } from '../testing/scenario.ts';
import { call, openWorld, type World } from '../testing/world.ts';

const forkBody = table.forkRun.body;

let world: World;
let living: Awaited<ReturnType<World['live']>>;
let commands = 0;
let url: string;

const next = () => {
  commands += 1;
  return call(`c_${commands}`);
};
const on = <Body>(id: string, body: Body) => ({ params: { id }, query: {}, body });

const fork = async (id: string, given: Readonly<Record<string, unknown>>, context = next()) =>
  (await living.operations.forkRun(on(id, forkBody.parse(given)), context)).id;

const live = async () => {
  living = await world.live(join(world.directory, 'checkpoints.db'));
  await living.start();
};

const asking = {
  ...planAndSwarm,
  name: 'asking',
  phases: planAndSwarm.phases.map((phase) =>
    phase.id === 'planner' ? { ...phase, act: { kind: 'plan' as const, approval: true } } : phase,
  ),
};

const create = async () => {
  url = join(world.directory, 'repository');
  const identity = { name: 'T', email: 't@example.org' };
  await createRepository(url, { files: { 'README.md': '# Links\n' }, message: 'One', identity });
  const text = '# Links\n\nShorten links for people who write letters.\n\n- A user can shorten a link.\n';
  const body = createProjectBody.parse({ prd: { text }, repository: { url } });
  return (await living.operations.createProject({ params: {}, query: {}, body }, next())).id;
};

const start = async (project: string, settings: Readonly<Record<string, unknown>>) =>
  (await living.operations.startRun(on(project, startRunBody.parse(settings)), next())).id;

const agent = (attemptId: string, ...events: Parameters<World['record']>[3][]) =>
  world.record('agent', attemptId, attemptId.split('.')[0] ?? '', ...events);
const answered = (callId: string, inputTokens: number) => ({
  type: 'model.answered',
  data: { callId, model: 'm/m', answer: blob, stopReason: 'end', usage: used(inputTokens), durationMs: 1 },
});
const used = (inputTokens: number): Usage => ({ ...noUsage, inputTokens, calls: 1 });
const blob = { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'text/plain' };
const succeeded = (taskId: string, inputTokens: number) => ({
  type: 'agent.finished',
  data: {
    outcome: 'succeeded',
    taskId,
    summary: 'Done.',
    branch: null,
    commit: null,
    usage: used(inputTokens),
    requirementIds: [],
    findings: [],
  },
});

const planned = async (runId: string, ...tasks: Parameters<World['propose']>[1]) => {
  await world.propose(runId, tasks);
  const finished = { phase: 'planner', visit: 1, usage: noUsage };
  await world.record('plan', runId, runId, { type: 'plan.phase_finished', data: finished });
  await world.until(`run-${runId}`, 'task.scheduled');
};
const dataOf = async (runId: string, type: string) =>
  (await world.events(`run-${runId}`)).filter((event) => event.type === type).map(({ data }) => data);
const positionOf = async (runId: string, type: string): Promise<string> =>
  (await world.events(`run-${runId}`)).find((event) => event.type === type)?.position ?? '';

beforeEach(async () => {
  commands = 0;
  world = await openWorld();
  await live();
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

describe('a fork that cannot be made', () => {
  it('says why, and leaves nothing behind', async () => {
    const id = await start(await create(), { workflow: planAndSwarm, maxAgents: 1 });
    await planned(id, task('T1'), task('T2'));
    await agent(`${id}.T1.a1`, succeeded(`${id}.T1`, 1));
    await world.until(`run-${id}`, 'task.completed');
    const at = await world.store.head();
    const created = await positionOf(id, 'run.created');
    const early = String(Number(created) - 1).padStart(created.length, '0');
    for (const [given, code] of [
      [{ at: early }, 'BAD_FORK_POINT'],
      [{ at: '2001-01-01T00:00:00Z' }, 'BAD_FORK_POINT'],
      [{ at: '9'.repeat(at.length) }, 'INVALID_POSITION'],
      [{ at: 'here' }, 'INVALID_POSITION'],
      [{ at: 'half past: nine' }, 'BAD_MOMENT'],
      [{ at, dropTasks: ['T9'] }, 'TASK_NOT_FOUND'],
      [{ at, dropTasks: ['T1'] }, 'WRONG_TASK_STATUS'],
      [{ at, model: 'nobody/nothing' }, 'UNKNOWN_MODEL'],
      [{ at, prompts: { nobody: 'Hello.' } }, 'UNKNOWN_AGENT_TYPE'],
    ] as const)
      await expect(fork(id, given)).rejects.toMatchObject({ code });
    await expect(fork('r_none', { at })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    const other = { ...next(), organizationId: asOrganizationId('other') };
    await expect(fork(id, { at }, other)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await rm(url, { recursive: true });
    await expect(fork(id, { at })).rejects.toMatchObject({
      code: expect.stringMatching(/^(REPOSITORY_NOT_FOUND|NOT_A_REPOSITORY)$/),
    });
    expect(await world.store.head()).toBe(at);
  });
});

describe('a fork', () => {
  it('asks again for what was granted to its parent, and hears of nothing that its parent did later', async () => {
    const id = await start(await create(), { workflow: asking });
    await world.propose(id, [task('T1')]);
    await world.until(`run-${id}`, 'approval.requested');
    const asked = await positionOf(id, 'approval.requested');
    await living.operations.grantApproval(on(`${id}.plan1`, { comment: '' }), next());
    await world.until(`run-${id}`, 'plan.accepted');
    const granted = await positionOf(id, 'approval.granted');
    for (const at of [asked, granted]) {
      const forked = await fork(id, { at });
      await world.until(`run-${forked}`, 'approval.requested');
      expect(await dataOf(forked, 'approval.requested')).toMatchObject([{ approvalId: `${forked}.plan1` }]);
      await living.operations.grantApproval(on(`${forked}.plan1`, { comment: '' }), next());
      await world.until(`run-${forked}`, 'plan.accepted');
    }
  });

  it('hears what agents had said when nobody listened, begins once, and pays only for what came later', async () => {
    const project = await create();
    const budget = { tokens: 10_000 };
    const id = await start(project, { workflow: planAndSwarm, maxAgents: 1, budget });
    await planned(id, task('T1'), task('T2', ['T1']));
    const spawned = {
      taskId: `${id}.T1`,
      attempt: 1,
      agentType: 'eng-backend',
      model: 'm/m',
      runner: 'one',
      allowance: null,
      branch: null,
    };
    await agent(`${id}.T1.a1`, { type: 'agent.spawned', data: spawned });
    await world.until(`run-${id}`, 'task.started');
    await agent(`${id}.T1.a1`, answered(`${id}.T1.a1.c1`, 300));
    const at = await world.store.head();
    await agent(`${id}.T1.a1`, succeeded(`${id}.T1`, 500));
    await world.until(`run-${id}`, 'task.completed');

    const context = next();
    const forked = await fork(id, { at }, context);
    expect(await fork(id, { at }, context)).toBe(forked);
    expect(await dataOf(forked, 'run.created')).toMatchObject([
      { configuration: { branch: `partitura/${forked}`, budget: { tokens: 9_700 } } },
    ]);
    expect(await dataOf(forked, 'run.forked')).toMatchObject([
      { parentRunId: id, at, unsettled: { [`${forked}.T1.a1`]: { inputTokens: 300 } } },
    ]);
    // The agent goes on in the fork: it tells of all that its attempt cost, and the fork pays for what is new.
    await agent(`${forked}.T1.a1`, succeeded(`${forked}.T1`, 450));
    await world.until(`run-${forked}`, 'task.scheduled');
    await agent(`${forked}.T2.a1`, succeeded(`${forked}.T2`, 20));
    await world.until(`run-${forked}`, 'run.completed');
    expect(await dataOf(forked, 'run.completed')).toMatchObject([{ usage: { inputTokens: 170, calls: 1 } }]);

    // Said to the parent, and not heard when it was forked.
    const late = await world.store.head();
    const dearer = await fork(id, { at: late, budget: { tokens: 77 } });
    expect(await dataOf(dearer, 'run.created')).toMatchObject([
      { configuration: { budget: { tokens: 77 } } },
    ]);
    const unheard = (await world.events(`agent-${id}.T1.a1`)).at(-1)?.position;
    const third = await fork(id, { at: unheard });
    await world.until(`run-${third}`, 'task.completed');
    expect(await dataOf(third, 'task.completed')).toMatchObject([{ taskId: `${third}.T1` }]);
  });

  it('that has nothing left to do has its branch before it tells its end', async () => {
    const id = await start(await create(), { workflow: planAndSwarm, maxAgents: 1 });
    await planned(id, task('T1'), task('T2', ['T1']));
    await agent(`${id}.T1.a1`, succeeded(`${id}.T1`, 1));
    await world.until(`run-${id}`, 'task.completed');
    const at = await world.store.head();
    const forked = await fork(id, { at, dropTasks: ['T2'] });
    expect((await world.events(`run-${forked}`)).at(-1)?.type).toBe('run.completed');
    // Nobody runs here who could have made it afterwards.
    const commitOf = async (branch: string) =>
      (await git(['rev-parse', '--verify', branch, '--'], { cwd: url })).stdout;
    expect(await commitOf(`partitura/${forked}`)).toBe(await commitOf('main'));
    const goesOn = await fork(id, { at });
    const found = await git(['rev-parse', '--verify', `partitura/${goesOn}`], { cwd: url, accept: [128] });
    expect(found.stdout).toBe('');
  });

  it('is begun by whoever finds the wish, after a kill in between; what it waits for is on the queue', async () => {
    const project = await create();
    const id = await start(project, { workflow: planAndSwarm, maxAgents: 1 });
    await planned(id, task('T1'), task('T2'));
    const forked = await fork(id, {
      at: await world.store.head(),
      model: 'rehearsal/rehearsal',
      dropTasks: ['T2'],
    });
    const [wish] = (await world.events(`project-${project}`)).filter(
      ({ data }) => (data as { runId?: string }).runId === forked,
    );
    await living.stop();
    const data = JSON.parse(JSON.stringify(wish?.data).replaceAll(forked, 'r_lost'));
    const metadata = {
      ...wish?.metadata,
      source: '/t',
      actor: 'user:t',
      correlationId: 'c',
      causationId: null,
    };
    const lost = { id: 'lost/0', type: 'project.run_requested', version: 1, data, time: wish?.time ?? '' };
    await world.store.append(
      streamName('project', project),
      [{ ...lost, metadata: { ...metadata, projectId: asProjectId(project) } }],
      'any',
    );
    await live();
    await world.until('run-r_lost', 'run.forked');
    expect(await dataOf('r_lost', 'task.cancelled')).toMatchObject([{ taskId: 'r_lost.T2' }]);
    while (!world.enqueued.items.includes('attempts:r_lost.T1.a1')) await world.clock.advance(0);
    await agent('r_lost.T1.a1', succeeded('r_lost.T1', 1));
    await world.until('run-r_lost', 'run.completed');
  });
});
