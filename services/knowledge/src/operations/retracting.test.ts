import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId } from '@partitura/shared/events';
import { addKnowledgeBody } from '@partitura/shared/http';
import { context, openWorld } from '../testing/world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let living: Awaited<ReturnType<typeof world.live>>;

const blob = { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'text/markdown' };

beforeEach(async () => {
  world = await openWorld();
  living = await world.live();
  await world.record('project', 'p_1', 'project.created', {
    projectId: 'p_1',
    name: 'One',
    prd: { name: 'PRD.md', title: 'One', words: 1, content: blob },
    repository: { url: '/somewhere', baseBranch: 'main' },
    stack: [],
    constraints: [],
    successCriteria: [],
    budget: null,
    workflow: 'architect-plan-swarm',
  });
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

const say = (content: string, commandId: string) =>
  living.operations.addKnowledge(
    { params: {}, query: {}, body: addKnowledgeBody.parse({ projectId: 'p_1', kind: 'decision', content }) },
    { ...context, actor: 'user:ada', commandId },
  );

const retract = (id: string, caller: object = {}, redo = false) =>
  living.operations.retractKnowledge(
    { params: { id }, query: {}, body: { reason: 'Not so.', redo } },
    { ...context, commandId: 'c_retract', ...caller },
  );

const consumers = (id: string, caller: object = {}) =>
  living.operations.getKnowledgeConsumers(
    { params: { id }, query: {}, body: null },
    { ...context, ...caller },
  );

const found = async (q: string, after: string): Promise<string[]> => {
  const hits = await living.operations.searchKnowledge(
    { params: {}, query: { q, limit: 10, after }, body: null },
    context,
  );
  return hits.items.map(({ node }) => node.id);
};

/** An attempt that was told of a node, and what it learned from that. */
const learned = async (agentId: string, nodeId: string, learning: string) => {
  const before = (await world.known()).length;
  await world.record('agent', agentId, 'agent.knowledge_used', { nodeIds: [nodeId] });
  await world.record('agent', agentId, 'agent.reflected', {
    summary: 'Done.',
    learnings: [learning],
    decisions: [],
    content: blob,
  });
  await world.until(before + 2);
};

describe('what is retracted', () => {
  it('is never found again, with what is known from those alone who were told of it', async () => {
    const { id } = await say('Slugs are never given again.', 'c_1');
    await learned('r_1.T1.a1', id, 'Slugs stay for good, so their table only grows.');
    const list = await consumers(id);
    expect(list.attempts).toEqual([
      { agentId: 'r_1.T1.a1', taskId: 'r_1.T1', runId: 'r_1', nodeId: id, succeeded: null },
    ]);
    expect(list.nodes).toMatchObject([{ retracted: false, falls: true }]);
    const { position } = await retract(id, {}, true);
    expect(await found('slugs', position)).toEqual([]);
    expect((await consumers(id)).retracted).toBe(true);
    const [first] = (await world.known()).filter(({ type }) => type === 'knowledge.node_retracted');
    expect(first).toMatchObject({
      data: { nodeId: id, redo: { agentIds: ['r_1.T1.a1'], nodeIds: [id, list.nodes[0]?.id] } },
    });
  });

  it('is found again when it only fell, and another attempt comes to it', async () => {
    const { id } = await say('Slugs are never given again.', 'c_1');
    const learning = 'The table of slugs only grows.';
    await learned('r_1.T1.a1', id, learning);
    await retract(id);
    const before = (await world.known()).length;
    await world.record('agent', 'r_1.T2.a1', 'agent.reflected', {
      summary: 'Done.',
      learnings: [learning],
      decisions: [],
      content: blob,
    });
    const position = (await world.until(before + 1)).at(-1)?.position ?? '';
    expect(await found(learning, position)).toHaveLength(1);
  });

  it('is refused when it is not there, is another organisation’s, or was retracted before', async () => {
    const notFound = expect.objectContaining({ code: 'KNOWLEDGE_NOT_FOUND' });
    const { id } = await say('Slugs are never given again.', 'c_1');
    const other = { organizationId: asOrganizationId('other') };
    for (const attempt of [retract('k_none'), retract(id, other), consumers('k_none'), consumers(id, other)])
      await expect(attempt).rejects.toEqual(notFound);
    const { position } = await retract(id);
    expect((await retract(id)).position).toBe(position);
    const again = expect.objectContaining({ code: 'KNOWLEDGE_ALREADY_RETRACTED' });
    await expect(retract(id, { commandId: 'c_again' })).rejects.toEqual(again);
    await expect(say('Slugs are never given again.', 'c_2')).rejects.toEqual(again);
  });

  it('falls with the result of the attempt that alone stood for it', async () => {
    const { id } = await say('Slugs are never given again.', 'c_1');
    await learned('r_1.T1.a1', id, 'The table of slugs only grows.');
    const before = (await world.known()).length;
    await world.record('run', 'r_1', 'task.rejected', {
      taskId: 'r_1.T1',
      attemptId: 'r_1.T1.a1',
      commit: null,
      reason: 'Wrong.',
      redo: true,
      because: null,
      distrusted: [],
    });
    const events = await world.until(before + 2);
    expect(events.slice(-2).map(({ type }) => type)).toEqual([
      'knowledge.source_rejected',
      'knowledge.node_retracted',
    ]);
    expect(events.at(-1)).toMatchObject({ data: { because: 'r_1.T1.a1', reason: 'Wrong.' } });
  });
});
