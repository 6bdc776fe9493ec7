import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@partitura/shared/events';
import { systemClock } from '@partitura/shared/runtime';
import { goodAnswers, goodScript, type Reply, type Script } from '../testing/scripted-model.ts';
import type { WorldOptions } from '../testing/world.ts';
import { dataOf, typesOf, worlds } from '../testing/worlds.ts';

const open = worlds();
const attempt = { taskId: 'r_test.T1', attemptId: 'r_test.T1.a1' };
const said = (messageId: string, text: string): RunEvent => ({
  type: 'task.message_sent',
  data: { ...attempt, messageId, text },
});
const stop = (messageId: string, reason: string): RunEvent => ({
  type: 'task.interrupted',
  data: { ...attempt, messageId, reason },
});
const turnOf = (request: Parameters<Script>[0]): number =>
  request.messages.filter(({ role }) => role === 'assistant').length;

/** Acts as told, and waits at its first act call until the test lets it go on. */
const gated = (acts: readonly Reply[]) => {
  const acting = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const script: Script = async (request, call) => {
    if (request.answer === null && turnOf(request) === 0) {
      acting.resolve();
      await goOn.promise;
    }
    return goodScript(acts)(request, call);
  };
  return { script, acting: acting.promise, goOn: goOn.resolve };
};

describe('what an operator says to an agent', () => {
  it('is read at its next turn, once: before it was claimed, at work, and when it takes itself for done', async () => {
    const gate = gated([{ text: 'Done.' }]);
    const runner = open({ script: gate.script });
    await runner.schedule();
    await runner.appendRun([said('m1', 'First the tests.')]);
    await runner.start();
    await runner.offer();
    await gate.acting;
    await runner.appendRun([said('m2', 'Mind the gap.'), said('m2', 'Mind the gap.')]);
    while ((await runner.views.load('r_test')).revision < 6) await systemClock.sleep(1);
    gate.goOn();
    await runner.until('agent.finished');
    const events = await runner.agentEvents();
    expect(dataOf(events, 'agent.message_received')).toEqual([
      { messageId: 'm1', from: 'user:test', text: 'First the tests.' },
      { messageId: 'm2', from: 'user:test', text: 'Mind the gap.' },
    ]);
    expect(JSON.stringify(runner.requests[0])).toContain('First the tests.');
    const acts = runner.requests.filter(({ answer }) => answer === null);
    expect(JSON.stringify(acts[1])).toContain('Mind the gap.');
    expect(acts).toHaveLength(2);
  });

  it('is there for the runner that takes a killed one’s attempt up, and not read twice', async () => {
    const gate = gated([]);
    const dead = open({ script: gate.script, runner: 'one' });
    await dead.schedule();
    await dead.appendRun([said('m1', 'First the tests.')]);
    await dead.start();
    await dead.offer();
    await gate.acting;
    await dead.appendRun([said('m2', 'Mind the gap.')]);
    const next = open({ script: goodScript([]), runner: 'two', store: dead.store, blobs: dead.blobs });
    await next.start();
    await next.offer();
    await next.until('agent.finished');
    const received = dataOf(await next.agentEvents(), 'agent.message_received');
    expect(received.map((data) => (data as { messageId: string }).messageId)).toEqual(['m1', 'm2']);
  });
});

describe('an interruption', () => {
  const two: Reply = {
    tools: [
      { tool: 'run_command', arguments: { command: 'sleep' } },
      { tool: 'write_file', arguments: { path: 'a' } },
    ],
  };
  /** Its command ends only when it is broken off. */
  const slow = () => {
    const begun = Promise.withResolvers<void>();
    const used: string[] = [];
    const runTool: WorldOptions['runTool'] = ({ tool }, { signal }) => {
      used.push(tool);
      if (tool !== 'run_command') return Promise.resolve({ outcome: 'succeeded', text: 'Done.' });
      begun.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    };
    return { runTool, used, begun: begun.promise };
  };

  it('breaks off the command at work, runs none that was to follow, and goes on with the reason', async () => {
    const tools = slow();
    const runner = open({ script: goodScript([two]), runTool: tools.runTool });
    await runner.schedule();
    await runner.start();
    await runner.offer();
    await tools.begun;
    await runner.appendRun([stop('m1', 'Leave the tests as they are.')]);
    await runner.until('agent.finished');
    const events = await runner.agentEvents();
    expect(dataOf(events, 'tool.returned')).toMatchObject([
      { tool: 'run_command', outcome: 'failed' },
      { tool: 'write_file', outcome: 'refused' },
    ]);
    expect(tools.used).toEqual(['run_command']);
    expect(typesOf(events).filter((type) => type === 'agent.interrupted')).toHaveLength(1);
    const asked = runner.requests.filter(({ answer }) => answer === null)[1];
    expect(JSON.stringify(asked)).toContain('Leave the tests as they are.');
    expect(events.at(-1)?.data).toMatchObject({ outcome: 'succeeded' });
  });

  it('waits for an answer that is paid for, and does not do what that says', async () => {
    const gate = gated([two]);
    const tools = slow();
    const runner = open({ script: gate.script, runTool: tools.runTool });
    await runner.schedule();
    await runner.start();
    await runner.offer();
    await gate.acting;
    await runner.appendRun([stop('m1', 'Not that.')]);
    while ((await runner.views.load('r_test')).revision < 4) await systemClock.sleep(1);
    gate.goOn();
    await runner.until('agent.finished');
    const events = await runner.agentEvents();
    expect(tools.used).toEqual([]);
    expect(dataOf(events, 'tool.returned')).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused' }]);
    expect(dataOf(events, 'model.failed')).toEqual([]);
  });

  it('is over when it was obeyed: the next commands are run, also by another runner', async () => {
    const tools = slow();
    const again: Reply = { tools: [{ tool: 'write_file', arguments: { path: 'b' } }] };
    const waiting = Promise.withResolvers<Reply>();
    const script: Script = (request) => {
      if (request.answer !== null) return { structured: goodAnswers[request.answer.name as 'approach'] };
      return turnOf(request) === 0 ? two : waiting.promise;
    };
    const one = open({ script, runner: 'one', runTool: tools.runTool });
    await one.schedule();
    await one.start();
    await one.offer();
    await tools.begun;
    await one.appendRun([stop('m1', 'Not that.')]);
    await one.until('agent.interrupted');
    await one.until('model.requested', 3);
    const later = slow();
    const next = open({
      script: goodScript([two, again]),
      runner: 'two',
      store: one.store,
      blobs: one.blobs,
      runTool: later.runTool,
    });
    await next.start();
    await next.offer();
    await next.until('agent.finished');
    expect(later.used).toEqual(['write_file']);
    expect(typesOf(await next.agentEvents()).filter((type) => type === 'agent.interrupted')).toHaveLength(1);
  });
});
