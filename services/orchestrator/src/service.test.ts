import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noUsage, type RecordedEvent } from '@partitura/shared/events';
import { createProjectBody, startRunBody } from '@partitura/shared/http';
import { git } from '@partitura/shared/repositories';
import { configuration, limit, planAndSwarm, task } from './testing/scenario.ts';
import { call, openWorld, projectId, type World } from './testing/world.ts';

let world: World;
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await world.close();
});

const start = async (checkpoints?: string) => {
  const living = await world.live(checkpoints);
  await living.start();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await living.stop();
  };
  stops.push(stop);
  return { operations: living.operations, stop };
};

const created = {
  type: 'project.created',
  data: {
    projectId,
    name: 'One',
    prd: configuration().prd,
    repository: { url: '/somewhere', baseBranch: 'main' },
    stack: [],
    constraints: [],
    successCriteria: [],
    budget: limit({ microUsd: 1_000_000 }),
    workflow: 'plan-and-swarm',
  },
};

const typesOf = (events: readonly RecordedEvent[]) => events.map(({ type }) => type);

const begin = async (
  { operations }: Awaited<ReturnType<typeof start>>,
  body: Record<string, unknown> = {},
  commandId = 'c_run',
) => {
  const { id } = await operations.startRun(
    { params: { id: projectId }, query: {}, body: startRunBody.parse(body) },
    call(commandId),
  );
  return id;
};

/** A run whose planner has proposed these tasks and is done. */
const planned = async (service: Awaited<ReturnType<typeof start>>, ...keys: readonly string[]) => {
  const runId = await begin(service);
  await world.propose(
    runId,
    keys.map((key) => task(key)),
  );
  await world.record('plan', runId, runId, {
    type: 'plan.phase_finished',
    data: { phase: 'planner', visit: 1, usage: noUsage },
  });
  await world.until(`run-${runId}`, 'task.scheduled', keys.length);
  return runId;
};

const ended = (outcome: 'succeeded' | 'cancelled', taskId: string, microUsd = 0) => {
  const usage = { ...noUsage, costMicroUsd: microUsd };
  const own =
    outcome === 'cancelled'
      ? { reason: 'As told.' }
      : { summary: 'Done.', branch: null, commit: null, requirementIds: [], findings: [] };
  return { type: 'agent.finished', data: { outcome, taskId, usage, ...own } };
};

describe('an orchestrator', () => {
  beforeEach(() => world.record('project', projectId, 'r_none', created));

  it('starts a run that was asked for before a crash came', async () => {
    const asked = { runId: 'r_1', reserved: null, configuration: configuration() };
    await world.record('project', projectId, 'r_1', { type: 'project.run_requested', data: asked });
    await start();
    await world.until('run-r_1', 'phase.entered');
    expect(await world.enqueued.reached(1)).toEqual(['plan:r_1.planner.1']);
  });

  it('brings a run from its plan to its end and settles it in its project', async () => {
    const service = await start();
    const runId = await planned(service, 'T1');
    await world.record('agent', `${runId}.T1.a1`, runId, ended('succeeded', `${runId}.T1`, 700));
    await world.until(`run-${runId}`, 'run.completed');
    const project = await world.until(`project-${projectId}`, 'project.completed');
    expect(project.find(({ type }) => type === 'project.run_settled')?.data).toMatchObject({
      status: 'completed',
      microUsd: 700,
    });
  });

  it('counts what the agents of a cancelled run hold, and then what they spent', async () => {
    const service = await start();
    const runId = await planned(service, 'T1');
    await world.record('agent', `${runId}.T1.a1`, runId, {
      type: 'agent.allowance_requested',
      data: { requestId: 'q1', amount: { tokens: 0, microUsd: 250_000 } },
    });
    await world.until(`run-${runId}`, 'budget.reserved');
    await service.operations.cancelRun(
      { params: { id: runId }, query: {}, body: { reason: '' } },
      call('c_cancel'),
    );
    await world.until(`project-${projectId}`, 'project.run_settled');
    await world.record('agent', `${runId}.T1.a1`, runId, ended('cancelled', `${runId}.T1`, 300));
    const settled = (await world.until(`project-${projectId}`, 'project.run_settled', 2)).filter(
      ({ type }) => type === 'project.run_settled',
    );
    expect(settled.map(({ data }) => data)).toMatchObject([
      { status: 'cancelled', microUsd: 250_000 },
      { status: 'cancelled', microUsd: 300 },
    ]);
  });

  it('puts exactly what is outstanding on the queue after a restart', async () => {
    const checkpoints = join(world.directory, 'checkpoints.db');
    const first = await start(checkpoints);
    const runId = await planned(first, 'T1', 'T2', 'T3');
    await world.record('agent', `${runId}.T2.a1`, runId, ended('succeeded', `${runId}.T2`));
    await world.until(`run-${runId}`, 'task.completed');
    await first.stop();
    const before = world.enqueued.items.length;
    await start(checkpoints);
    expect(new Set(world.enqueued.items.slice(before))).toEqual(
      new Set([`attempts:${runId}.T1.a1`, `attempts:${runId}.T3.a1`]),
    );
  });

  it('has its timers again after a restart: backoff, deadline, and the time of the run', async () => {
    const first = await start();
    const runId = await begin(first, { budget: { wallMs: 3_600_000, onExceed: 'stop' } });
    await world.propose(runId, [task('T1'), task('T2')]);
    await world.record('plan', runId, runId, {
      type: 'plan.phase_finished',
      data: { phase: 'planner', visit: 1, usage: noUsage },
    });
    await world.until(`run-${runId}`, 'task.scheduled', 2);
    await world.record('agent', `${runId}.T1.a1`, runId, {
      type: 'agent.finished',
      data: {
        outcome: 'failed',
        taskId: `${runId}.T1`,
        problem: { code: 'CHECKS_FAILED', message: 'No.' },
        usage: noUsage,
        escalate: false,
      },
    });
    await world.until(`run-${runId}`, 'task.attempt_failed');
    await first.stop();
    await start();
    await world.clock.advance(1_000);
    await world.until(`run-${runId}`, 'task.scheduled', 3);
    await world.clock.advance(30 * 60_000);
    await world.until(`run-${runId}`, 'task.attempt_failed', 2);
    await world.clock.advance(30 * 60_000);
    await world.until(`run-${runId}`, 'run.stopped');
  });

  it('wakes for a later deadline also when the one it was set for is over', async () => {
    const service = await start();
    const runId = await planned(service, 'T1');
    await world.clock.advance(60_000);
    const other = await begin(service, { budget: { usd: 0.1, onExceed: 'stop' } }, 'c_other').catch(
      () => null,
    );
    expect(other).toBeNull();
    await world.record('agent', `${runId}.T1.a1`, runId, {
      type: 'agent.finished',
      data: {
        outcome: 'failed',
        taskId: `${runId}.T1`,
        problem: { code: 'CHECKS_FAILED', message: 'No.' },
        usage: noUsage,
        escalate: false,
      },
    });
    await world.until(`run-${runId}`, 'task.attempt_failed');
    await world.clock.advance(1_000);
    await world.until(`run-${runId}`, 'task.scheduled', 2);
    // The first attempt's deadline passes for nothing; the second's is a minute later.
    await world.clock.advance(29 * 60_000 - 1_000);
    await world.clock.advance(62_000);
    await world.until(`run-${runId}`, 'task.attempt_failed', 2);
  });

  it('changes nothing when everything is delivered again', async () => {
    const first = await start();
    const runId = await planned(first, 'T1', 'T2');
    await world.record('agent', `${runId}.T1.a1`, runId, ended('succeeded', `${runId}.T1`));
    await world.until(`run-${runId}`, 'task.completed');
    await world.record('agent', `${runId}.T2.a1`, runId, ended('succeeded', `${runId}.T2`));
    await world.until(`project-${projectId}`, 'project.completed');
    await first.stop();
    const head = await world.store.head();
    const again = await start();
    // A second run is told of only after all that was before it.
    const second = await begin(again, {}, 'c_second');
    await world.until(`project-${projectId}`, 'project.phase_changed', 3);
    const after = await Array.fromAsync(world.store.readAll({ after: head }));
    const touched = new Set(after.flatMap(({ events }) => events).map(({ stream }) => stream));
    expect(touched).toEqual(new Set([`project-${projectId}`, `run-${second}`]));
    expect(
      typesOf(await world.events(`run-${runId}`)).filter((type) => type === 'task.completed'),
    ).toHaveLength(2);
  });

  it('refuses what is not there by its name', async () => {
    const service = await start();
    const { operations } = service;
    const runId = await begin(service);
    const on = (id: string) => ({ params: { id }, query: {}, body: null });
    const code = (expected: string) => expect.objectContaining({ code: expected });
    await expect(operations.resumeRun(on('r_no'), call('c1'))).rejects.toEqual(code('RUN_NOT_FOUND'));
    await expect(operations.resumeRun(on(`${runId}.T1`), call('c1'))).rejects.toEqual(code('RUN_NOT_FOUND'));
    await expect(operations.archiveProject(on('p_no'), call('c1'))).rejects.toEqual(
      code('PROJECT_NOT_FOUND'),
    );
    await expect(operations.retryTask({ ...on(`${runId}.T9`), body: {} }, call('c1'))).rejects.toEqual(
      code('TASK_NOT_FOUND'),
    );
    await expect(
      operations.retryRun({ ...on(runId), body: { model: 'no/model' } }, call('c1')),
    ).rejects.toEqual(code('UNKNOWN_MODEL'));
    await expect(begin(service, { model: 'no/model' }, 'c2')).rejects.toEqual(code('UNKNOWN_MODEL'));
    await expect(begin(service, { workflow: 'no-workflow' }, 'c2')).rejects.toEqual(code('UNKNOWN_WORKFLOW'));
    await expect(
      operations.startRun({ params: { id: 'p_no' }, query: {}, body: startRunBody.parse({}) }, call('c1')),
    ).rejects.toEqual(code('PROJECT_NOT_FOUND'));
  });

  it('names each field of a workflow that is wrong, and takes one that is right', async () => {
    const service = await start();
    const wrong = { ...planAndSwarm, phases: [{ ...planAndSwarm.phases[0], maxVisits: 0 }] };
    await expect(begin(service, { workflow: wrong })).rejects.toMatchObject({
      code: 'INVALID_WORKFLOW',
      problems: [{ path: 'phases.0.maxVisits' }],
    });
    const own = {
      ...planAndSwarm,
      name: 'my-own',
      phases: [{ ...planAndSwarm.phases[0], model: 'dear/model' }],
    };
    const runId = await begin(service, { workflow: own, rehearse: true });
    const [first] = await world.events(`run-${runId}`);
    // A rehearsal calls no model that costs anything.
    expect(first?.data).toMatchObject({
      configuration: { workflow: { name: 'my-own', phases: [{ model: null }] } },
    });
  });

  it('starts one run for one command, and refuses one that was decided on something old', async () => {
    const service = await start();
    const input = { params: { id: projectId }, query: {}, body: startRunBody.parse({}) };
    const first = await service.operations.startRun(input, call('c_same', 0));
    const again = await service.operations.startRun(input, call('c_same'));
    expect(again.id).toBe(first.id);
    await world.until(`project-${projectId}`, 'project.phase_changed');
    const requested = typesOf(await world.events(`project-${projectId}`)).filter((type) =>
      type.endsWith('requested'),
    );
    expect(requested).toHaveLength(1);
    await expect(service.operations.startRun(input, call('c_stale', 0))).rejects.toMatchObject({
      code: 'STALE_REVISION',
    });
    await expect(
      service.operations.pauseRun(
        { params: { id: first.id }, query: {}, body: { reason: '', cause: 'operator' } },
        call('c_p', 99),
      ),
    ).rejects.toMatchObject({ code: 'STALE_REVISION' });
  });
});

it('creates one project for one command', async () => {
  const { operations } = await start();
  const url = join(world.directory, 'repository');
  await git(['init', '--initial-branch=main', url], { cwd: world.directory });
  await git(['-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '--allow-empty', '-m', 'One'], {
    cwd: url,
  });
  const text =
    '# Links\n\nShorten links for people who write letters.\n\n- A user can shorten a link.\n- A link can expire.\n';
  const body = createProjectBody.parse({ prd: { text }, repository: { url } });
  const input = { params: {}, query: {}, body };
  const first = await operations.createProject(input, call('c_create'));
  const again = await operations.createProject(input, call('c_create'));
  expect(again).toEqual(first);
  expect(typesOf(await world.events(`project-${first.id}`))).toEqual(['project.created']);
});
