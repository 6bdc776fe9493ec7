import { describe, expect, it } from '@jest/globals';
import type { ApiClient, CloudEvent, TaskResource } from '@partitura/shared/http';
import { untilEnd } from '../testing/conducted-run.ts';
import type { FinishedWorld, Given } from './finished-world.ts';

const taskIds = (events: readonly CloudEvent[], type: string): readonly string[] =>
  events
    .flatMap((event) => (event.type === type ? [String(Reflect.get(Object(event.data), 'taskId'))] : []))
    .toSorted();

const workOf = async ({ client, finished, world }: FinishedWorld): Promise<readonly TaskResource[]> => {
  const query = { limit: 100, after: await world.store.head() };
  const { items } = await client.call('listRunTasks', { params: { id: finished.runId }, query });
  return items.filter(({ kind }) => kind !== 'epic' && kind !== 'story');
};

/** The task, and what is built on it. */
const fallenWith = async (client: ApiClient, id: string): Promise<readonly string[]> => {
  const { tasks } = await client.call('getTaskConsumers', { params: { id } });
  return [id, ...tasks.map((task) => task.id)].toSorted();
};

/** Something falls, and as little as there can. */
const smallest = <Choice>(choices: readonly Choice[], size: (choice: Choice) => number): Choice => {
  const [found] = choices
    .filter((choice) => size(choice) > 0)
    .toSorted((left, right) => size(left) - size(right));
  if (found === undefined) throw new Error('Nothing is built on any of them.');
  return found;
};

/** What is taken back ends the same run once more, with those tasks done again and the others as they were. */
const expectDoneAgain = async (
  given: FinishedWorld,
  expected: readonly string[],
  takeBack: () => Promise<unknown>,
): Promise<void> => {
  const before = await workOf(given);
  const position = await given.world.store.head();
  await takeBack();
  const events: CloudEvent[] = [];
  const run = await untilEnd(given.client, { ...given.finished, position }, (event) => events.push(event));
  expect(run).toMatchObject({ status: 'completed', tasks: { deadLettered: 0 } });
  expect(taskIds(events, 'task.rejected')).toEqual(expected);
  expect(taskIds(events, 'task.completed')).toEqual(expected);
  const after = new Map((await workOf(given)).map((task) => [task.id, task]));
  for (const task of before) {
    if (expected.includes(task.id)) expect(after.get(task.id)?.attempts).toBe(task.attempts + 1);
    else expect(after.get(task.id)).toEqual(task);
  }
};

export const describeInvalidation = (given: Given): void =>
  describe('taken back afterwards', () => {
    it('a task’s result: it is done again with what was built on it, and nothing else', async () => {
      const world = given();
      const tasks = await workOf(world);
      const fallen = await Promise.all(tasks.map(({ id }) => fallenWith(world.client, id)));
      const all = tasks.map(({ id }, index) => ({ id, falls: fallen[index] ?? [] }));
      const { id, falls } = smallest(all, (choice) => choice.falls.length - 1);
      expect(falls.length).toBeLessThan(tasks.length);
      const body = { reason: 'It keeps titles that are blank.' };
      await expectDoneAgain(world, falls, () => world.client.call('rejectTask', { params: { id }, body }));
    });

    it('something known: whoever was told of it does it again, and nobody else', async () => {
      const world = given();
      const { client, finished } = world;
      const tasks = await workOf(world);
      const { items } = await client.call('listKnowledge', {
        query: { projectId: finished.projectId, limit: 500 },
      });
      const choices = await Promise.all(
        items.map(async ({ id }) => {
          const { attempts } = await client.call('getKnowledgeConsumers', { params: { id } });
          const told = attempts.map(({ agentId }) => agentId);
          const counted = tasks.filter(({ agentId }) => told.includes(agentId ?? ''));
          const falls = await Promise.all(counted.map((task) => fallenWith(client, task.id)));
          return { id, falls: [...new Set(falls.flat())].toSorted() };
        }),
      );
      const { id, falls } = smallest(choices, (choice) => choice.falls.length);
      const body = { reason: 'That is not so.', redo: true };
      await expectDoneAgain(world, falls, () => client.call('retractKnowledge', { params: { id }, body }));
      expect(await client.call('getKnowledgeConsumers', { params: { id } })).toMatchObject({
        retracted: true,
      });
      const params = { id: finished.runId };
      expect(await client.call('replayRun', { params, query: {} })).toMatchObject({ agrees: true });
    });
  });
