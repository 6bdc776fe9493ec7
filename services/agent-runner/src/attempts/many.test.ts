import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@partitura/shared/events';
import { task } from '../testing/world.ts';
import { worlds } from '../testing/worlds.ts';

const open = worlds();

describe('a thousand agents', () => {
  it('wait for a slow model at the same time, each asked once, and all of them end', async () => {
    const count = 1_000;
    let waiting = 0;
    let letGo: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const runner = open({
      script: async () => {
        waiting += 1;
        // Nobody is answered before everybody has asked: with one agent less at a time it would never end.
        if (waiting === count) letGo();
        await all;
        return { text: 'Done.' };
      },
    });
    await runner.schedule({ configuration: { repository: null, branch: null } });
    const attempts = Array.from({ length: count }, (_, index) => ({
      taskId: `r_test.N${index}`,
      attemptId: `r_test.N${index}.a1`,
      definition: { ...task, key: `N${index}` },
    }));
    await runner.appendRun(
      attempts.flatMap(({ taskId, attemptId, definition }): RunEvent[] => [
        {
          type: 'task.added',
          data: { taskId, phase: 'executor', definition, pathTokens: 1, conflict: null },
        },
        {
          type: 'task.scheduled',
          data: {
            taskId,
            attemptId,
            attempt: 1,
            agentType: task.agentType,
            model: 'scripted/one',
            reservation: null,
            deadlineAt: new Date(runner.clock.now() + 600_000).toISOString(),
          },
        },
      ]),
    );
    await runner.start();
    await runner.queue.enqueue(
      'attempts',
      attempts.map(({ taskId, attemptId }) => ({
        id: attemptId,
        payload: { runId: 'r_test', taskId, attemptId },
      })),
    );
    await runner.until('agent.finished', count);
    expect(runner.requests).toHaveLength(count);
  });
});
