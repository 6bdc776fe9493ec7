import { afterEach, describe, expect, it } from '@jest/globals';
import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, serves, startOpenAiServer, type WireServer } from '@partitura/shared/models/testing';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { type Composed, startComposed } from './testing/composed.ts';
import { completedTasks, ofType } from './testing/evidence.ts';
import { makePlaces, type Places } from './testing/places.ts';

const opened: { places: Places; server: WireServer; composed: Composed | null }[] = [];
afterEach(async () => {
  for (const { places, server, composed } of opened.splice(0)) {
    await composed?.stop(1_000);
    await server.close();
    await places.remove();
  }
});

describe('a run whose tasks could not be done', () => {
  it('fails, is told to try again after a restart, and completes with each task done once', async () => {
    const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
    let willing = false;
    const places = await makePlaces();
    const server = await startOpenAiServer({
      respond: (served) =>
        served.request.answer || willing ? rehearsed(served) : serves.refusal('I will not.'),
    });
    const environment = {
      OPENAI_API_KEY: 'a-key-of-a-test-0815',
      OPENAI_BASE_URL: server.url,
      PARTITURA_MODEL: 'openai/gpt-6-sol',
    };
    const first = await startComposed(places.data, environment);
    const world: (typeof opened)[number] = { places, server, composed: first };
    opened.push(world);
    const policy = { ...architectPlanSwarm.policy, maxAttempts: 1 };
    await first.requestRun('r_retry', { workflow: { ...architectPlanSwarm, policy } });
    const failed = await first.until('r_retry', ['run.failed', 'run.completed']);
    expect(failed).toMatchObject({ data: { problem: { code: 'TASKS_DEAD_LETTERED' } } });
    expect(ofType(await first.events('r_retry'), 'task.blocked').length).toBeGreaterThan(0);
    await first.stop();

    const second = await startComposed(places.data, environment);
    world.composed = second;
    const query = { after: failed.position, limit: 50 };
    expect(await second.call('listDeadLetters', { params: {}, query, body: null })).toMatchObject({
      items: [{ status: 'dead_letter', error: { code: 'MODEL_REFUSED' } }],
    });
    willing = true;
    await second.call('retryRun', { params: { id: 'r_retry' }, query: {}, body: {} });
    await second.until('r_retry', ['run.completed']);
    const events = await second.events('r_retry');
    const completed = completedTasks(events);
    expect(new Set(completed).size).toBe(completed.length);
    const run = await second.call('getRun', {
      params: { id: 'r_retry' },
      query: { after: events.at(-1)?.position },
      body: null,
    });
    expect(run).toMatchObject({
      status: 'completed',
      tasks: { completed: completed.length, deadLettered: 0 },
    });
  });
});
