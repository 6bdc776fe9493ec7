import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId } from '@partitura/shared/events';
import { addKnowledgeBody } from '@partitura/shared/http';
import { context, openWorld } from '../testing/world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let living: Awaited<ReturnType<typeof world.live>>;

const blob = { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'text/markdown' };
const created = (projectId: string) => ({
  projectId,
  name: 'One',
  prd: { name: 'PRD.md', title: 'One', words: 1, content: blob },
  repository: { url: '/somewhere', baseBranch: 'main' },
  stack: [],
  constraints: [],
  successCriteria: [],
  budget: null,
  workflow: 'architect-plan-swarm',
});

beforeEach(async () => {
  world = await openWorld();
  living = await world.live();
  await world.record('project', 'p_1', 'project.created', created('p_1'));
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

const content = 'A slug that has expired is never given again. Old newsletters link to it.';
const say = (body: object, caller: object = {}) =>
  living.operations.addKnowledge(
    {
      params: {},
      query: {},
      body: addKnowledgeBody.parse({ projectId: 'p_1', kind: 'decision', content, ...body }),
    },
    { ...context, actor: 'user:ada', ...caller },
  );

describe('what a person says is known', () => {
  it('is found like what agents found out, and its provenance is the person', async () => {
    const { id, position } = await say({ tags: ['links'] }, { commandId: 'c_1' });
    const node = await living.operations.getKnowledge(
      { params: { id }, query: { after: position }, body: null },
      context,
    );
    expect(node).toMatchObject({
      title: 'A slug that has expired is never given again.',
      projectId: 'p_1',
      memory: 'semantic',
      tags: ['links'],
      provenance: { author: 'user:ada', eventId: 'c_1', agentId: null },
    });
    const found = await living.operations.searchKnowledge(
      { params: {}, query: { q: 'expired slug', limit: 5 }, body: null },
      context,
    );
    expect(found.items.map((item) => item.node.id)).toContain(id);
  });

  it('is known once, however often and by whomever it is said', async () => {
    const first = await say({}, { commandId: 'c_1' });
    expect(await say({}, { commandId: 'c_1' })).toEqual(first);
    const again = await say(
      { content: `  ${content.toUpperCase()}  ` },
      { actor: 'user:bob', commandId: 'c_2' },
    );
    expect(again.id).toBe(first.id);
    const page = await living.operations.listProjectKnowledge(
      { params: { id: 'p_1' }, query: { after: again.position, limit: 10 }, body: null },
      context,
    );
    expect(page.items.map(({ provenance }) => provenance.author)).toEqual(['user:ada']);
  });

  it('is said of a project that is there for whoever says it', async () => {
    const notFound = expect.objectContaining({ code: 'PROJECT_NOT_FOUND' });
    await expect(say({ projectId: 'p_9' })).rejects.toEqual(notFound);
    await expect(say({}, { organizationId: asOrganizationId('other') })).rejects.toEqual(notFound);
    await world.record('project', 'p_1', 'project.removed', {});
    await expect(say({})).rejects.toEqual(notFound);
  });
});
