import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asRunId, noUsage, type RecordedEvent, streamName } from '@partitura/shared/events';
import { startRunBody } from '@partitura/shared/http';
import { reactedTypes } from '../reactors/reactor.ts';
import { outside } from '../testing/outside.ts';
import { proposal } from '../testing/proposal.ts';
import { openReplicas, projectId, type Replica } from '../testing/replicas.ts';
import { planAndSwarm, task } from '../testing/scenario.ts';
import { call } from '../testing/world.ts';

const everyMs = 10_000;
let world: ReturnType<typeof openReplicas>;
beforeEach(async () => {
  world = openReplicas(planAndSwarm, everyMs);
  await world.createProject();
});
afterEach(() => world.close());

const reacted: ReadonlySet<string> = new Set(reactedTypes);
let told = 0;
beforeEach(() => {
  told = 0;
});

/** All that is new comes to this replica, until nothing follows any more. */
const tell = async (replica: Replica): Promise<void> => {
  for (;;) {
    const all = (await Array.fromAsync(world.store.readAll())).flatMap(({ events }) => events);
    const fresh = all.slice(told).filter(({ type }) => reacted.has(type));
    told = all.length;
    if (fresh.length === 0) return;
    await replica.deliver(fresh);
  }
};

const eventsOf = async (runId: string): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(world.store.readStream(streamName('run', asRunId(runId))))).flat();

/** A run with agents at work on these tasks. */
const begin = async (replica: Replica, keys: readonly string[], commandId = 'c_start'): Promise<string> => {
  const { id } = await replica.operations.startRun(
    {
      params: { id: projectId },
      query: {},
      body: startRunBody.parse({ budget: { usd: 0.01, onExceed: 'stop' } }),
    },
    call(commandId),
  );
  await tell(replica);
  const others = outside(world.store, projectId, world.clock.now, commandId);
  const tasks = keys.map((key) => task(key));
  for (const [queue, job] of world.shared.jobs())
    if (queue === 'plan') {
      await others.work(queue, job, () => proposal(world.blobs, tasks));
      await world.shared.queue.remove(queue, job.id);
    }
  await tell(replica);
  return id;
};

const fail = async (replica: Replica, attemptId: string): Promise<void> => {
  const others = outside(world.store, projectId, world.clock.now, attemptId);
  const taskId = attemptId.slice(0, attemptId.lastIndexOf('.a'));
  const [runId = ''] = attemptId.split('.');
  await others.record('agent', attemptId, runId, {
    type: 'agent.finished',
    data: {
      outcome: 'failed',
      taskId,
      problem: { code: 'CHECKS_FAILED', message: 'No.' },
      usage: noUsage,
      escalate: false,
    },
  });
  await world.shared.queue.remove('attempts', attemptId);
  await tell(replica);
};

const attemptsOnQueue = (): readonly string[] =>
  world.shared
    .jobs()
    .filter(([queue]) => queue === 'attempts')
    .map(([, { id }]) => id)
    .sort();

/** So many sweeps, whose own reads and sleeps take turns of the event loop. */
const sweeps = async (count: number): Promise<void> => {
  for (let sweep = 0; sweep < count; sweep += 1) {
    await world.clock.advance(everyMs);
    for (let second = 0; second < 30; second += 1) await world.clock.advance(0);
    await world.clock.advance(1_000);
    for (let second = 0; second < 30; second += 1) await world.clock.advance(0);
  }
};

const scheduled = async (runId: string): Promise<number> =>
  (await eventsOf(runId)).filter(({ type }) => type === 'task.scheduled').length;

describe('a replica that was told of nothing', () => {
  it('wakes for the backoffs and deadlines of one that was killed', async () => {
    const [killed, other] = [await world.replica(), await world.replica()];
    const runId = await begin(killed, ['T1', 'T2']);
    await fail(killed, `${runId}.T1.a1`);
    await killed.stop();
    expect(await scheduled(runId)).toBe(2);
    await sweeps(2);
    expect(await scheduled(runId)).toBe(3);
    for (let minute = 0; minute < 40; minute += 1) await world.clock.advance(60_000);
    const late = (await eventsOf(runId)).filter(
      ({ type, data }) =>
        type === 'task.attempt_failed' &&
        (data as { problem: { code: string } }).problem.code === 'TASK_TIMEOUT',
    );
    // T1's second attempt and T2's first: the runners were gone with the replica.
    expect(late.length).toBeGreaterThanOrEqual(2);
    expect(other.read.calls).toBeGreaterThan(0);
  });

  it('fills a queue that was wiped, from the log, within two sweeps', async () => {
    const [one] = [await world.replica(), await world.replica()];
    const runId = await begin(one, ['T1', 'T2', 'T3']);
    const before = attemptsOnQueue();
    expect(before).toHaveLength(3);
    await sweeps(1);
    await fail(one, `${runId}.T1.a1`);
    world.shared.wipe();
    await sweeps(2);
    // The two that were lost, and T1's next attempt, which nobody was told of when its backoff was over.
    expect(attemptsOnQueue()).toEqual([`${runId}.T1.a2`, `${runId}.T2.a1`, `${runId}.T3.a1`]);
  });

  it('finds one lost job among others when its run has been quiet', async () => {
    const one = await world.replica();
    const runId = await begin(one, ['T1', 'T2']);
    await world.shared.queue.remove('attempts', `${runId}.T2.a1`);
    // Something else stands there in its place, so that the number is right.
    await world.shared.queue.enqueue('attempts', [{ id: 'r_other.T1.a1', payload: {} }]);
    await sweeps(3);
    expect(attemptsOnQueue()).not.toContain(`${runId}.T2.a1`);
    await sweeps(6);
    expect(attemptsOnQueue()).toContain(`${runId}.T2.a1`);
  });
});

describe('a sweep', () => {
  it('offers nothing while nothing is missing, and looks at each live run once', async () => {
    const one = await world.replica();
    const runs: string[] = [];
    for (let index = 0; index < 20; index += 1) runs.push(await begin(one, ['T1', 'T2'], `c_${index}`));
    const other = await world.replica();
    await sweeps(1);
    const [offered, calls, events] = [world.shared.offered(), other.read.calls, other.read.ofStreams];
    await sweeps(3);
    expect(world.shared.offered()).toBe(offered);
    expect(other.read.calls - calls).toBe(3 * runs.length);
    expect(other.read.ofStreams).toBe(events);
  });

  it('lets go of a run that another replica brought to its end', async () => {
    const [one, other] = [await world.replica(), await world.replica()];
    const runId = await begin(one, ['T1']);
    await other.operations.pauseRun(
      { params: { id: runId }, query: {}, body: { reason: '', cause: 'operator' } },
      call('c_pause'),
    );
    await one.operations.cancelRun({ params: { id: runId }, query: {}, body: { reason: '' } }, call('c_no'));
    await sweeps(1);
    const calls = other.read.calls;
    await sweeps(2);
    expect(other.read.calls).toBe(calls);
  });

  it('gives back the money of a run that was to be opened again by somebody who was killed', async () => {
    const one = await world.replica();
    const runId = await begin(one, ['T1']);
    await one.operations.cancelRun({ params: { id: runId }, query: {}, body: { reason: '' } }, call('c_no'));
    await tell(one);
    const others = outside(world.store, projectId, world.clock.now, 'half');
    await others.record('project', projectId, runId, {
      type: 'project.run_reopened',
      data: { runId, reserved: { tokens: 0, microUsd: 5_000 } },
    });
    const settled = async () =>
      (await Array.fromAsync(world.store.readStream(streamName('project', projectId))))
        .flat()
        .filter(({ type }) => type === 'project.run_settled');
    // Not at once: whoever set it aside may be about to open the run.
    await sweeps(3);
    const [first, ...more] = await settled();
    expect(more).toEqual([]);
    await sweeps(6);
    expect((await settled()).map(({ data }) => data)).toEqual([first?.data, first?.data]);
  });
});
