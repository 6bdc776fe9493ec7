import { describe, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type RecordedEvent, streamName } from '@partitura/shared/events';
import type { CheckOutcome } from '../checks/index.ts';
import { goodScript, type Reply, type Script } from '../testing/scripted-model.ts';
import type { WorldOptions } from '../testing/world.ts';
import { dataOf, typesOf, worlds } from '../testing/worlds.ts';

const open = worlds();

const check = (outcome: 'passed' | 'failed'): CheckOutcome => ({
  name: 'test',
  command: 'npm test',
  outcome,
  exitCode: outcome === 'passed' ? 0 : 1,
  durationMs: 1,
  passed: null,
  failed: null,
  output: outcome,
});

const write: Reply = {
  tools: [
    { tool: 'write_file', arguments: { path: 'a' } },
    { tool: 'read_file', arguments: {} },
  ],
};
const script = goodScript([write, { tools: [{ tool: 'edit_file', arguments: { path: 'a' } }] }]);

/** The work tree on the disk: it survives a crash. Broken until something was written for the second time. */
const disk = (writes: number) => {
  const state = { writes };
  const options = {
    runTool: async ({ tool, redone }: { tool: string; redone: boolean }) => {
      if (tool === 'edit_file' && !redone) state.writes += 1;
      return { outcome: 'succeeded' as const, text: `${tool} did it` };
    },
    checks: () => [check(state.writes > 1 ? 'passed' : 'failed')],
  };
  return { state, options: options satisfies Partial<WorldOptions> };
};

const finish = async (options: WorldOptions, prefix: readonly RecordedEvent[] = []) => {
  const runner = open(options);
  await runner.schedule({ deadlineAt: Number.MAX_SAFE_INTEGER / 1_000 });
  if (prefix.length > 0)
    await runner.store.append(streamName('agent', runner.attemptId), prefix, 'no_stream');
  await runner.start();
  await runner.offer();
  await runner.until('agent.finished');
  return { runner, events: await runner.agentEvents() };
};

const withoutTimes = (data: unknown): unknown => {
  const { commit: _, ...rest } = data as Record<string, unknown>;
  return rest;
};

describe('an agent that crashed', () => {
  it('goes on from every event, ends the same, and asks for no answer twice', async () => {
    const blobs = memoryBlobStore();
    const whole = await finish({ script, blobs, ...disk(0).options });
    const history = whole.events;
    expect(typesOf(history)).toContain('agent.learning_recorded');
    expect(dataOf(history, 'agent.step_entered')).toHaveLength(8);
    const calls = dataOf(history, 'model.answered').length;

    for (let length = 1; length < history.length; length += 1) {
      const prefix = history.slice(0, length);
      const edits = dataOf(prefix, 'tool.called').filter(
        (data) => (data as { tool: string }).tool === 'edit_file',
      );
      const { runner, events } = await finish({ script, blobs, ...disk(edits.length).options }, prefix);
      const after = events.slice(length);
      expect(typesOf(after).slice(0, 2)).toEqual(['agent.crashed', 'agent.resumed']);
      // Paid answers are read back: only what the prefix has no answer to is asked.
      expect(runner.requests).toHaveLength(calls - dataOf(prefix, 'model.answered').length);
      const answered = dataOf(events, 'model.answered').map((data) => (data as { callId: string }).callId);
      expect(new Set(answered).size).toBe(calls);
      expect(withoutTimes(events.at(-1)?.data)).toEqual(withoutTimes(history.at(-1)?.data));
      const facts = typesOf(events).filter((type) => type !== 'agent.crashed' && type !== 'agent.resumed');
      // Sorted: a prefix that ends between two calls of one answer has them in another order.
      expect(facts.toSorted()).toEqual(typesOf(history).toSorted());
      await runner.stop();
    }
  });

  it('says of a tool call that may have begun that it is done again', async () => {
    const blobs = memoryBlobStore();
    const whole = await finish({ script, blobs, ...disk(1).options });
    const until = typesOf(whole.events).indexOf('tool.returned');
    const seen: [string, boolean][] = [];
    await finish(
      {
        script,
        blobs,
        ...disk(1).options,
        runTool: async ({ tool, redone }) => {
          seen.push([tool, redone]);
          return { outcome: 'succeeded', text: `${tool} did it` };
        },
      },
      whole.events.slice(0, until),
    );
    expect(seen.slice(0, 2)).toEqual([
      ['write_file', true],
      ['read_file', false],
    ]);
  });
});

describe('two runners', () => {
  it('race for one attempt: exactly one works', async () => {
    const asked: string[] = [];
    const counting: Script = (request) => {
      asked.push(request.answer?.name ?? 'act');
      return script(request, 0);
    };
    const one = open({ script: counting, runner: 'one', ...disk(2).options });
    const two = open({
      script: counting,
      runner: 'two',
      store: one.store,
      blobs: one.blobs,
      ...disk(2).options,
    });
    await one.schedule();
    await Promise.all([one.start(), two.start()]);
    await Promise.all([one.offer(), two.offer()]);
    await one.until('agent.finished');
    const events = await one.agentEvents();
    expect(typesOf(events).filter((type) => type === 'agent.spawned')).toHaveLength(1);
    expect(typesOf(events).filter((type) => type === 'agent.finished')).toHaveLength(1);
    expect(dataOf(events, 'model.answered')).toHaveLength(asked.length);
  });

  it('fence the one that was replaced: what it brings too late is refused, and it stops', async () => {
    let answerZombie: (reply: Reply) => void = () => undefined;
    const late = new Promise<Reply>((resolve) => {
      answerZombie = resolve;
    });
    const zombie = open({ script: () => late, runner: 'zombie' });
    const plain = { configuration: { repository: null, branch: null } } as const;
    await zombie.schedule(plain);
    await zombie.start();
    await zombie.offer();
    await zombie.until('model.requested');
    const heir = open({
      script: () => ({ text: 'From the heir.' }),
      runner: 'heir',
      store: zombie.store,
      blobs: zombie.blobs,
    });
    await heir.start();
    await heir.offer();
    await heir.until('agent.finished');
    answerZombie({ text: 'From the grave.' });
    for (let tries = 0; (await zombie.queue.counts('attempts')).active > 0; tries += 1) {
      if (tries > 1_000) throw new Error('The zombie did not stop.');
      await zombie.clock.sleep(1);
    }
    const events = await heir.agentEvents();
    expect(typesOf(events)).toEqual([
      'agent.spawned',
      'agent.step_entered',
      'model.requested',
      'agent.crashed',
      'agent.resumed',
      'model.answered',
      'agent.finished',
    ]);
    expect(events.at(-1)?.data).toMatchObject({ outcome: 'succeeded', summary: 'From the heir.' });
    expect(dataOf(events, 'agent.crashed')).toMatchObject([{ runner: 'zombie' }]);
  });
});
