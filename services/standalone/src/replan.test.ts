import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ApiClient, CloudEvent } from '@partitura/shared/http';
import { systemClock } from '@partitura/shared/runtime';
import { type AtWork, startAtWork } from './testing/at-work.ts';
import { shortPrd } from './testing/places.ts';

let running: AtWork | null = null;
afterEach(() => running?.stop());

/** The first event of one of the types, among all of the run's. */
const until = async (client: ApiClient, runId: string, ...types: string[]): Promise<CloudEvent> => {
  for await (const event of client.events({ runId, after: '' })) if (types.includes(event.type)) return event;
  throw new Error(`The events ended before ${types.join(' or ')}.`);
};

describe('a run whose PRD is edited in the middle', () => {
  it('keeps what is merged, builds what is new, and ends with every requirement met', async () => {
    running = await startAtWork();
    const { client, places } = running;
    const { projectId, runId: id } = await running.begin({ maxAgents: 1 });
    const done = await until(client, id, 'task.completed');
    await client.call('reviseProjectPrd', {
      params: { id: projectId },
      body: { text: `${shortPrd.trimEnd()}\n- Everything that was counted is exported as a CSV file.\n` },
    });
    await client.call('replanRun', { params: { id } });
    const end = await until(client, id, 'run.completed', 'run.failed', 'run.replan_failed');
    expect(end.type).toBe('run.completed');
    const run = await client.call('getRun', { params: { id }, query: { after: end.position } });
    expect(run.requirementsMet).toBe(run.requirements);
    const replanned = await client.call('getRunHistory', {
      params: { id },
      query: { type: 'run.replanned' },
    });
    const [change] = replanned.items;
    const data = change?.data as { added: string[]; cancelled: string[] } | undefined;
    expect(data?.added.length).toBeGreaterThan(0);
    expect(data?.cancelled).not.toContain((done.data as { taskId: string }).taskId);
    const verification = await client.call('getRunVerification', { params: { id } });
    const csv = verification.requirements.find(({ text }) => text.includes('CSV'));
    expect(csv).toMatchObject({ met: true });
    const serving = verification.tasks.find(({ taskId }) => taskId === csv?.taskIds[0]);
    expect(serving).toMatchObject({ verifiedBy: 'checks', commit: expect.any(String) });
    // What was merged is checked again, long after: in a work tree that nobody works in, and that is gone then.
    const again = await client.call('runTaskChecks', { params: { id: serving?.taskId ?? '' } });
    const gate = await until(client, id, 'gate.evaluated');
    expect(gate.data).toMatchObject({ gate: 'checks', subject: again.id, verdict: 'passed' });
    while ((await readdir(join(places.data, 'worktrees'))).some((name) => name.startsWith(`${again.id}.c`)))
      await systemClock.sleep(20);
    const after = await client.call('getRunVerification', {
      params: { id },
      query: { after: gate.position },
    });
    expect(after.tasks.find(({ taskId }) => taskId === again.id)?.gates).toEqual([
      { gate: 'checks', verdict: 'passed' },
    ]);
    const timeline = await client.call('getRunTimeline', { params: { id }, query: {} });
    expect(timeline.items.filter(({ status }) => status === 'completed')).toHaveLength(run.tasks.completed);
  });
});
