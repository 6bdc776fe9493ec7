import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamName } from '@partitura/shared/events';
import type { OperationHandlers } from '@partitura/shared/http';
import { type Happening, runStory } from '@partitura/shared/http/testing';
import { asker, type ToldService, toldService } from '../testing/told-service.ts';

let told: ToldService;
let handlers: OperationHandlers;

const story = runStory({ deadLetter: true });
const created = story.filter(({ event }) => event.type === 'project.created');

/** A project of its own, with nothing in it. */
const another = (projectId: string): readonly Happening[] =>
  created.map((happening) => ({
    ...happening,
    stream: streamName('project', projectId),
    projectId,
    event: { ...happening.event, data: { ...Object(happening.event.data), projectId } },
  }));
const removed = (projectId: string): Happening => ({
  stream: streamName('project', projectId),
  event: { type: 'project.removed', data: {} },
  projectId,
  runId: null,
});

beforeEach(async () => {
  const others = ['p_2', 'p_3', 'p_4', 'p_5'].flatMap(another);
  told = await toldService([...story, ...others, removed('p_1'), removed('p_3'), removed('p_4')]);
  handlers = told.handlers;
});
afterEach(() => told.stop());

const context = asker();

describe('a removed project', () => {
  it('is not found, nor anything under it', async () => {
    const input = { params: { id: 'p_1' }, query: { limit: 50 }, body: null };
    for (const name of ['getProject', 'listProjectRuns', 'listProjectTasks', 'listProjectArtifacts'] as const)
      await expect(handlers[name](input, context)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  it('takes no place in a page, and hides no page behind it', async () => {
    const all = await handlers.listProjects({ params: {}, query: { limit: 2 }, body: null }, context);
    expect(all.items.map(({ id }) => id)).toEqual(['p_5', 'p_2']);
    const one = await handlers.listProjects({ params: {}, query: { limit: 1 }, body: null }, context);
    const cursor = one.nextCursor ?? '';
    const two = await handlers.listProjects({ params: {}, query: { limit: 1, cursor }, body: null }, context);
    expect([...one.items, ...two.items].map(({ id }) => id)).toEqual(['p_5', 'p_2']);
  });

  it('leaves others where more were removed than a page has projects', async () => {
    await told.tell(runStory({ projectId: 'p_9', runId: 'r_9', tasks: 1 }), 0);
    const { items } = await handlers.listRuns({ params: {}, query: { limit: 2 }, body: null }, context);
    expect(items.map(({ id }) => id)).toEqual(['r_9']);
  });

  it('takes what is of it out of the lists of everything, and leaves it under its own id', async () => {
    const everything = { params: {}, query: { limit: 50 }, body: null };
    for (const name of ['listRuns', 'listAgents', 'listApprovals', 'listDeadLetters'] as const)
      expect((await handlers[name](everything, context)).items).toEqual([]);
    const run = { params: { id: 'r_1' }, query: { limit: 50 }, body: null };
    expect(await handlers.getRun({ ...run, query: {} }, context)).toMatchObject({
      id: 'r_1',
      projectId: 'p_1',
    });
    expect((await handlers.listRunTasks(run, context)).items).not.toEqual([]);
  });
});
