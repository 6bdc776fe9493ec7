import { afterEach, describe, expect, it } from '@jest/globals';
import { goodScript } from '../testing/scripted-model.ts';
import { type WorldOptions, world } from '../testing/world.ts';

const worlds: ReturnType<typeof world>[] = [];
const open = (options: WorldOptions) => {
  const opened = world(options);
  worlds.push(opened);
  return opened;
};
afterEach(async () => {
  for (const opened of worlds.splice(0)) {
    await opened.stop();
    await opened.store.close();
  }
});

const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);

describe('an attempt', () => {
  it('goes from reason to verified work', async () => {
    const runner = open({
      script: goodScript([
        { tools: [{ tool: 'write_file', arguments: { path: 'hello.txt', content: 'hello' } }] },
      ]),
    });
    await runner.schedule();
    await runner.start();
    await runner.offer();
    await runner.until('agent.finished');
    const events = await runner.agentEvents();
    expect(types(events)).toEqual([
      'agent.spawned',
      'agent.step_entered',
      'agent.workspace_prepared',
      'model.requested',
      'model.answered',
      'agent.approach_chosen',
      'agent.step_entered',
      'model.requested',
      'model.answered',
      'tool.called',
      'tool.returned',
      'model.requested',
      'model.answered',
      'agent.checkpoint_committed',
      'agent.step_entered',
      'model.requested',
      'model.answered',
      'agent.reflected',
      'agent.step_entered',
      'agent.checked',
      'model.requested',
      'model.answered',
      'agent.verified',
      'agent.finished',
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      outcome: 'succeeded',
      branch: 'partitura-task/r_test.T1.a1',
      commit: 'commit1',
      requirementIds: ['R1'],
      usage: { calls: 5 },
    });
  });

  it('is two appends where there is nothing but an answer', async () => {
    const runner = open({ script: () => ({ text: 'Hello.' }) });
    await runner.schedule({ configuration: { repository: null, branch: null } });
    await runner.start();
    await runner.offer();
    await runner.until('agent.finished');
    const events = await runner.agentEvents();
    expect(types(events)).toEqual([
      'agent.spawned',
      'agent.step_entered',
      'model.requested',
      'model.answered',
      'agent.finished',
    ]);
  });
});
