import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { goodScript, modelError, type Reply, type Script } from '../testing/scripted-model.ts';
import { task } from '../testing/world.ts';
import { dataOf, typesOf, worlds } from '../testing/worlds.ts';

const open = worlds();
const plain = { configuration: { repository: null, branch: null } } as const;
const work: Reply = { tools: [{ tool: 'write_file', arguments: { path: 'a' } }] };

/** A script whose answers wait until the test lets them go. */
const gated = (script: Script) => {
  const waiting: (() => void)[] = [];
  let asked: () => void = () => undefined;
  let next = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const held: Script = async (request, call) => {
    asked();
    next = new Promise((resolve) => {
      asked = resolve;
    });
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
    return script(request, call);
  };
  return {
    script: held,
    asked: () => next,
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
};

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 2_000) throw new Error('It did not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

describe('a pause', () => {
  it('lets the call at work come to its end, then lets go; resumed, it goes on without a crash', async () => {
    const gate = gated(goodScript([work]));
    const runner = open({ script: gate.script });
    await runner.schedule();
    await runner.start();
    const asked = gate.asked();
    await runner.offer();
    await asked;
    await runner.appendRun([{ type: 'run.paused', data: { reason: 'operator', detail: 'Lunch.' } }]);
    await until(async () => (await runner.views.load('r_test')).status === 'paused');
    gate.release();
    await runner.until('agent.released');
    expect(typesOf(await runner.agentEvents()).slice(-3)).toEqual(
      ['model.answered', 'agent.approach_chosen', 'agent.step_entered', 'agent.released'].slice(-3),
    );
    await until(async () => (await runner.queue.counts('attempts')).active === 0);

    await runner.appendRun([{ type: 'run.resumed', data: {} }]);
    await until(async () => (await runner.views.load('r_test')).status === 'running');
    await runner.offer();
    const done = runner.until('agent.finished');
    await until(async () => {
      gate.release();
      return typesOf(await runner.agentEvents()).includes('agent.finished');
    });
    await done;
    const events = await runner.agentEvents();
    expect(typesOf(events)).toContain('agent.resumed');
    expect(typesOf(events)).not.toContain('agent.crashed');
    expect(events.at(-1)?.data).toMatchObject({ outcome: 'succeeded' });
    expect(dataOf(events, 'model.answered')).toHaveLength(5);
  });

  it('that is taken back before the agent noticed changes nothing', async () => {
    const gate = gated(goodScript([]));
    const runner = open({ script: gate.script });
    await runner.schedule(plain);
    await runner.start();
    const asked = gate.asked();
    await runner.offer();
    await asked;
    await runner.appendRun([
      { type: 'run.paused', data: { reason: 'operator', detail: '' } },
      { type: 'run.resumed', data: {} },
    ]);
    await until(async () => (await runner.views.load('r_test')).revision === 5);
    gate.release();
    await runner.until('agent.finished');
    expect(typesOf(await runner.agentEvents())).not.toContain('agent.released');
  });

  it('keeps an attempt from being begun', async () => {
    const runner = open({ script: goodScript([]) });
    await runner.schedule(plain);
    await runner.appendRun([{ type: 'run.paused', data: { reason: 'operator', detail: '' } }]);
    await runner.start();
    await runner.offer();
    await until(async () => {
      const { waiting, active } = await runner.queue.counts('attempts');
      return waiting + active === 0;
    });
    expect(await runner.agentEvents()).toEqual([]);
  });
});

describe('an end from outside', () => {
  it('breaks off the call at work when the run is cancelled', async () => {
    const runner = open({ script: () => new Promise<Reply>(() => undefined) });
    await runner.schedule(plain);
    await runner.start();
    await runner.offer();
    await runner.until('model.requested');
    await runner.appendRun([{ type: 'run.cancelled', data: { reason: 'Enough.', usage: { ...spent } } }]);
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'cancelled', reason: 'Enough.' });
  });

  it('comes with the deadline', async () => {
    const clock = virtualClock();
    const runner = open({ script: () => new Promise<Reply>(() => undefined), clock });
    await runner.schedule({ ...plain, deadlineAt: clock.now() + 60_000 });
    await runner.start();
    await runner.offer();
    await runner.until('model.requested');
    await clock.advance(60_001);
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'failed', problem: { code: 'TASK_TIMEOUT' } });
    await until(() => clock.sleeping() === 0);
  });

  it('waits for the answer that is on its way when the runner stops, records it, and hands the job back', async () => {
    const gate = gated(goodScript([work]));
    const runner = open({ script: gate.script });
    await runner.schedule();
    await runner.start();
    const asked = gate.asked();
    await runner.offer();
    await asked;
    const stopped = runner.worker.stop(3_600_000);
    gate.release();
    await stopped;
    const recorded = typesOf(await runner.agentEvents());
    expect([recorded.filter((type) => type === 'model.answered').length, recorded.at(-1)]).toEqual([
      1,
      'agent.released',
    ]);
    expect(await runner.queue.counts('attempts')).toEqual({ waiting: 1, delayed: 0, active: 0 });

    const heir = open({ script: goodScript([work]), store: runner.store, blobs: runner.blobs });
    await heir.start();
    await heir.offer();
    await heir.until('agent.finished');
    const calls = dataOf(await heir.agentEvents(), 'model.requested').length;
    expect(runner.requests.length + heir.requests.length).toBe(calls);
  });

  it('keeps a runner that stops from beginning what it was offered before', async () => {
    const runner = open({ script: goodScript([work]) });
    await runner.schedule(plain);
    await runner.start();
    await runner.offer();
    await runner.worker.stop(3_600_000);
    expect(await runner.agentEvents()).toEqual([]);
    expect(await runner.queue.counts('attempts')).toEqual({ waiting: 1, delayed: 0, active: 0 });
  });

  it('lets go of the attempt when the runner stops, so that the next one sees no crash', async () => {
    const runner = open({ script: () => new Promise<Reply>(() => undefined) });
    await runner.schedule(plain);
    await runner.start();
    await runner.offer();
    await runner.until('model.requested');
    await runner.stop();
    await until(async () => typesOf(await runner.agentEvents()).includes('agent.released'));
    const heir = open({ script: () => ({ text: 'Done.' }), store: runner.store, blobs: runner.blobs });
    await heir.start();
    await heir.offer();
    await heir.until('agent.finished');
    expect(typesOf(await heir.agentEvents())).toEqual([
      'agent.spawned',
      'agent.step_entered',
      'model.requested',
      'agent.released',
      'agent.resumed',
      'model.answered',
      'agent.finished',
    ]);
  });
});

describe('a rate limit', () => {
  it('is waited out, moves the deadline, and never counts as a failure', async () => {
    const clock = virtualClock();
    const runner = open({
      clock,
      script: (_, call) =>
        call <= 20 ? { error: modelError('MODEL_RATE_LIMITED', 600_000) } : { text: 'At last.' },
    });
    await runner.schedule({ ...plain, deadlineAt: clock.now() + 900_000 });
    await runner.start();
    await runner.offer();
    for (let limits = 0; limits < 20; limits += 1) {
      await until(() => clock.sleeping() === 2);
      await clock.advance(600_000);
    }
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'succeeded', summary: 'At last.' });
    const events = await runner.agentEvents();
    expect(dataOf(events, 'agent.rate_limited')).toHaveLength(20);
    expect(typesOf(events)).not.toContain('agent.learning_recorded');
  });

  it('does not keep a pause or a cancellation waiting', async () => {
    const clock = virtualClock();
    const runner = open({ clock, script: () => ({ error: modelError('MODEL_OVERLOADED', 600_000) }) });
    await runner.schedule(plain);
    await runner.start();
    await runner.offer();
    await runner.until('agent.rate_limited');
    await runner.appendRun([{ type: 'run.cancelled', data: { reason: 'No.', usage: { ...spent } } }]);
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('the budget', () => {
  const small = { ...plain, reservation: { tokens: 60, microUsd: 100 } };

  it('is asked for more when the worst case does not fit, and the call waits for it', async () => {
    const runner = open({ script: () => ({ text: 'Paid.' }) });
    await runner.schedule(small);
    await runner.start();
    await runner.offer();
    const { data } = await runner.until('agent.allowance_requested');
    expect(data).toEqual({ requestId: 'r_test.T1.a1.b1', amount: { tokens: 40, microUsd: 0 } });
    expect(runner.requests).toHaveLength(0);
    await runner.appendRun([
      {
        type: 'budget.reserved',
        data: { holder: runner.attemptId, amount: { tokens: 40, microUsd: 0 }, requestId: 'r_test.T1.a1.b1' },
      },
    ]);
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'succeeded' });
  });

  it('that is denied ends the attempt before anything is spent', async () => {
    const runner = open({ script: () => ({ text: 'Never.' }) });
    await runner.schedule(small);
    await runner.start();
    await runner.offer();
    await runner.until('agent.allowance_requested');
    await runner.appendRun([
      {
        type: 'budget.denied',
        data: { holder: runner.attemptId, requestId: 'r_test.T1.a1.b1', asked: { tokens: 40, microUsd: 0 } },
      },
    ]);
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({
      outcome: 'failed',
      problem: { code: 'BUDGET_DENIED' },
      usage: { calls: 0 },
    });
    expect(runner.requests).toHaveLength(0);
  });
});

const spent = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 0,
  calls: 0,
};

describe('a task without an agent type', () => {
  it('is reported to the run instead of being tried for ever', async () => {
    const clock = virtualClock({ automatic: true });
    const runner = open({ script: goodScript([]), clock });
    await runner.schedule({ ...plain, definition: { ...task, agentType: 'eng-wizard' } });
    await runner.start();
    await runner.offer();
    const finished = await runner.until('agent.finished');
    expect(finished.data).toMatchObject({ outcome: 'failed', problem: { code: 'UNKNOWN_AGENT_TYPE' } });
  });
});
