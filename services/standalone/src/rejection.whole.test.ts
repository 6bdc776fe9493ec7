import { afterEach, describe, expect, it } from '@jest/globals';
import type { ApiClient, CloudEvent, TaskResource } from '@partitura/shared/http';
import { git } from '@partitura/shared/repositories';
import { type AtWork, startAtWork } from './testing/at-work.ts';

let running: AtWork | null = null;
afterEach(() => running?.stop());

const endings = ['run.completed', 'run.failed', 'run.stopped'];

/** The run's next end after a position, and all events on the way. */
const untilEnd = async (client: ApiClient, runId: string, after = ''): Promise<readonly CloudEvent[]> => {
  const events: CloudEvent[] = [];
  for await (const event of client.events({ runId, after })) {
    events.push(event);
    if (endings.includes(event.type)) return events;
  }
  throw new Error('The events ended before the run.');
};

const taskIds = (events: readonly CloudEvent[], type: string): string[] =>
  events.flatMap((event) => (event.type === type ? [(event.data as { taskId: string }).taskId] : []));

const byId = (items: readonly TaskResource[]): ReadonlyMap<string, TaskResource> =>
  new Map(items.map((task) => [task.id, task]));

/** In the middle: something depends on it, and something does not. */
const middleOf = async (client: ApiClient, tasks: readonly TaskResource[]) => {
  const consumers = await Promise.all(
    tasks.map(async ({ id }) => client.call('getTaskConsumers', { params: { id } })),
  );
  const found = consumers.find(
    (one) =>
      one.tasks.length > 1 &&
      one.tasks.length < tasks.length - 2 &&
      one.tasks.some((task) => task.through === 'dependency'),
  );
  if (!found) throw new Error(`No task is in the middle: ${JSON.stringify(consumers)}`);
  return found;
};

describe('a task that is rejected after its run has ended', () => {
  it('is done again with what consumed it, and nothing else is', async () => {
    running = await startAtWork();
    const { client, places } = running;
    const { runId: id } = await running.begin({ maxAgents: 4 });
    const first = await untilEnd(client, id);
    const ended = first.at(-1);
    expect(ended?.type).toBe('run.completed');
    const query = { after: ended?.position, limit: 100 };
    const before = await client.call('listRunTasks', { params: { id }, query });
    const work = before.items.filter(({ kind }) => kind !== 'epic' && kind !== 'story');
    const consumers = await middleOf(client, work);

    const reason = 'It keeps titles that are blank.';
    await client.call('rejectTask', { params: { id: consumers.id }, body: { reason } });
    const second = await untilEnd(client, id, ended?.position);
    expect(second.at(-1)?.type).toBe('run.completed');
    const redone = [consumers.id, ...consumers.tasks.map((task) => task.id)].toSorted();
    expect(taskIds(second, 'task.rejected').toSorted()).toEqual(redone);
    expect(taskIds(second, 'task.completed').toSorted()).toEqual(redone);

    const after = byId(
      (
        await client.call('listRunTasks', {
          params: { id },
          query: { after: second.at(-1)?.position, limit: 100 },
        })
      ).items,
    );
    for (const task of work) {
      const now = after.get(task.id);
      if (redone.includes(task.id)) expect(now?.attempts).toBeGreaterThan(task.attempts);
      else expect(now).toEqual(task);
    }
    const run = await client.call('getRun', { params: { id }, query: { after: second.at(-1)?.position } });
    expect(run).toMatchObject({ status: 'completed', tasks: { deadLettered: 0 } });
    // What was rejected stays in the branch's history, and the branch's checks pass.
    const commit = work.find((task) => task.id === consumers.id)?.commit ?? '';
    await git(['merge-base', '--is-ancestor', commit, run.branch ?? ''], { cwd: places.repository });
    await client.call('runTaskChecks', { params: { id: consumers.id } });
    for await (const event of client.events({ runId: id, after: second.at(-1)?.position ?? '' }))
      if (event.type === 'gate.evaluated') {
        expect(event.data).toMatchObject({ gate: 'checks', verdict: 'passed' });
        break;
      }
  });
});
