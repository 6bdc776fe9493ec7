import { afterEach, describe, expect, it } from '@jest/globals';
import { rehearsalModel } from '@partitura/shared/models';
import {
  respondWith,
  type ServerAnswer,
  serves,
  startOpenAiServer,
  type WireServer,
} from '@partitura/shared/models/testing';
import { type Composed, startComposed } from './testing/composed.ts';
import { brokenChain, completedTasks, ofType, readLog } from './testing/evidence.ts';
import { makePlaces, type Places } from './testing/places.ts';

/** What is promised. With `PARTITURA_TEST_TASKS=…` it says what that many took. */
const tasks = Number(process.env.PARTITURA_TEST_TASKS ?? 1_000);

const opened: { places: Places; server: WireServer; composed: Composed }[] = [];
afterEach(async () => {
  for (const { places, server, composed } of opened.splice(0)) {
    await composed.stop(1_000);
    await server.close();
    await places.remove();
  }
});

/** Independent of each other, so that all of them can be at work at once. */
const plan = (requirementId: string) => ({
  tasks: Array.from({ length: tasks }, (_, index) => ({
    key: `T${index + 1}`,
    parentKey: null,
    kind: 'task',
    title: `Do part ${index + 1}`,
    description: '',
    agentType: 'eng-backend',
    priority: 5,
    complexity: 1,
    estimatedTokens: 1_000,
    dependsOn: [],
    acceptanceCriteria: ['It is done.'],
    requirementIds: [requirementId],
  })),
});

describe(`a plan of ${tasks} tasks`, () => {
  it('has as many agents at once, all waiting for a slow model, in one process', async () => {
    const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
    const { promise: allAsked, resolve: everybodyWaits } = Promise.withResolvers<void>();
    let waiting = 0;
    const startedAt = performance.now();
    const marks: string[] = [];
    const mark = (what: string): void => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      marks.push(`${what} ${seconds} s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
    };
    const places = await makePlaces('# Notes\n\n- FR-1: A user can keep notes.\n');
    const server = await startOpenAiServer({
      respond: async (served): Promise<ServerAnswer> => {
        const { request } = served;
        if (request.answer?.name === 'tasks') return serves.json(plan('R1'));
        if (request.answer) return rehearsed(served);
        waiting += 1;
        if (waiting >= tasks) everybodyWaits();
        await allAsked;
        return serves.text('Done.');
      },
    });
    const composed = await startComposed(places.data, {
      OPENAI_API_KEY: 'a-key-of-a-test-0815',
      OPENAI_BASE_URL: server.url,
      PARTITURA_MODEL: 'openai/gpt-6-sol',
    });
    opened.push({ places, server, composed });
    mark('started');
    await composed.requestRun('r_many', { maxAgents: tasks }, '# Notes\n\n- FR-1: A user can keep notes.\n');
    const accepted = await composed.until('r_many', ['plan.accepted', 'run.failed']);
    expect(accepted).toMatchObject({ type: 'plan.accepted', data: { tasks } });
    mark('planned');
    await allAsked;
    mark('all agents wait');
    const end = await composed.until('r_many', ['run.completed', 'run.failed', 'run.paused']);
    mark('ended');
    expect(end.type).toBe('run.completed');
    await composed.stop();
    const events = await readLog(places.data);
    expect(brokenChain(events)).toBeNull();
    const completed = completedTasks(events).filter((key) => /^T\d+$/.test(key));
    expect(new Set(completed).size).toBe(tasks);
    expect(completed).toHaveLength(tasks);
    expect(ofType(events, 'task.attempt_failed')).toEqual([]);
    if (process.env.PARTITURA_TEST_TASKS !== undefined) console.log(marks.join('\n'));
  });
});
