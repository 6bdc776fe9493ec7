import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asPosition, noUsage, type RecordedEvent } from '@partitura/shared/events';
import { type Embedder, featureHashingEmbedder } from '@partitura/shared/models';
import { silentLogger } from '@partitura/shared/runtime';
import { indexing } from './indexing/indexing.ts';
import { context, openWorld, type World } from './testing/world.ts';

let world: World;
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await world.close();
});

const start = async (embedder?: Embedder) => {
  const living = await world.live(embedder);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await living.stop();
    stopped = true;
  };
  stops.push(stop);
  const search = async (q: string, after?: string) => {
    const query = { q, limit: 10, ...(after === undefined ? {} : { after }) };
    return (await living.operations.searchKnowledge({ params: {}, query, body: null }, context)).items;
  };
  return { ...living, stop, search };
};

const content = { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'text/plain' };
const learning = 'The parser forgets the last line when a file has no newline at its end.';

const learn = (agent: string, text = learning) =>
  world.record('agent', agent, 'agent.learning_recorded', { learning: text, cycle: 1 });
const reflect = (agent: string, learnings: readonly string[], decisions: readonly string[]) =>
  world.record('agent', agent, 'agent.reflected', { summary: '', learnings, decisions, content });
const succeed = (agent: string, summary = 'Read the rest after the last newline too.') =>
  world.record('agent', agent, 'agent.finished', {
    outcome: 'succeeded',
    taskId: 'r_1.T1',
    summary,
    branch: null,
    commit: null,
    usage: noUsage,
    requirementIds: [],
    findings: [],
  });

const typesOf = (events: readonly RecordedEvent[]) =>
  events.map(({ type }) => type.slice('knowledge.'.length));

const nodeIdOf = (event: RecordedEvent | undefined): string =>
  event?.data !== null && typeof event?.data === 'object' && 'nodeId' in event.data
    ? String(event.data.nodeId)
    : '';

describe('what agents say', () => {
  it('becomes nodes that say where they are from, and edges between them', async () => {
    await start();
    await reflect('r_1.T1.a1', ['Write tests first.'], ['Use one table.']);
    const [decision, pattern, edge] = await world.until(3);
    expect(decision?.data).toMatchObject({
      kind: 'decision',
      title: 'Use one table.',
      provenance: { runId: 'r_1', taskId: 'r_1.T1', agentId: 'r_1.T1.a1' },
    });
    expect(pattern?.data).toMatchObject({ kind: 'pattern', memory: 'procedural' });
    expect(edge?.data).toEqual({ from: nodeIdOf(pattern), to: nodeIdOf(decision), relation: 'relates_to' });
  });

  it('is known once, whoever says it and however it is spelled, and blank is nothing', async () => {
    await start();
    await reflect('r_1.T1.a1', ['  ', 'Write  tests FIRST'], ['']);
    await learn('r_1.T2.a1', ' \n');
    await reflect('r_1.T2.a1', ['Write tests first.'], []);
    await reflect('r_1.T3.a1', ['Something else.'], []);
    expect(typesOf(await world.until(3))).toEqual(['node_added', 'node_confirmed', 'node_added']);
  });

  it('of one project is not that of another', async () => {
    await start();
    await learn('r_1.T1.a1');
    await world.record('agent', 'r_2.T1.a1', 'agent.learning_recorded', { learning, cycle: 1 }, 'p_2');
    const [[one], [other]] = [await world.until(1), await world.until(1, 'p_2')];
    expect(nodeIdOf(one)).not.toBe(nodeIdOf(other));
  });

  it('ties what an agent succeeds with to what it failed at, and scores what it was given', async () => {
    await start();
    await learn('r_1.T1.a1');
    const problem = nodeIdOf((await world.until(1))[0]);
    await world.record('agent', 'r_1.T1.a1', 'agent.knowledge_used', { nodeIds: [problem, 'k_unknown'] });
    await succeed('r_1.T1.a1');
    const events = await world.until(5);
    expect(typesOf(events)).toEqual(['node_added', 'node_used', 'node_added', 'edge_added', 'node_scored']);
    expect(events[3]?.data).toMatchObject({ to: problem, relation: 'solves' });
  });

  it('of an architecture is its beginning, and no character of it is cut in two', async () => {
    await start();
    const document = `${'a'.repeat(3_999)}\u{1F3BB} and so on`;
    const bytes = new TextEncoder().encode(JSON.stringify({ document, technologies: [], risks: [] }));
    const hash = await world.blobs.put(bytes);
    await world.record('plan', 'r_1', 'plan.architecture_described', {
      content: { ...content, hash },
      technologies: ['sqlite'],
      risks: 0,
    });
    const [node] = await world.until(1);
    expect(node?.data).toMatchObject({
      kind: 'architecture',
      tags: ['sqlite'],
      content: 'a'.repeat(3_999),
      provenance: { agentId: null, taskId: null },
    });
  });

  it('is not learned again when everything is delivered again', async () => {
    const first = await start();
    await learn('r_1.T1.a1');
    await succeed('r_1.T1.a1');
    await world.until(3);
    await first.stop();
    await start();
    await learn('r_1.T2.a1', 'Something else.');
    expect(typesOf(await world.until(4))).toEqual(['node_added', 'node_added', 'edge_added', 'node_added']);
  });
});

describe('the index', () => {
  it('finds for the next agent what one has learned, by its words', async () => {
    const { search } = await start();
    await learn('r_1.T1.a1');
    const [event] = await world.until(1);
    const [hit] = await search('newline at the end of a file', event?.position);
    expect(hit?.node).toMatchObject({
      id: nodeIdOf(event),
      kind: 'problem',
      content: learning,
      usedCount: 0,
    });
  });

  it('catches up with what was said while it was away, and counts nothing twice', async () => {
    const first = await start();
    await learn('r_1.T1.a1');
    const id = nodeIdOf((await world.until(1))[0]);
    await world.record('agent', 'r_1.T2.a1', 'agent.knowledge_used', { nodeIds: [id] });
    const used = (await world.until(2))[1];
    await first.search('file', used?.position);
    await first.stop();
    const missed = await world.record('knowledge', 'p_1', 'knowledge.node_used', {
      nodeId: id,
      agentId: 'y',
    });
    const { search } = await start();
    expect((await search('file', missed))[0]?.node.usedCount).toBe(2);
  });

  it('leaves out what was retracted, which stays to be looked at', async () => {
    const { search, operations } = await start();
    await learn('r_1.T1.a1');
    const id = nodeIdOf((await world.until(1))[0]);
    const after = await world.record('knowledge', 'p_1', 'knowledge.node_retracted', {
      nodeId: id,
      reason: 'Wrong.',
    });
    expect(await search('file', after)).toEqual([]);
    const get = { params: { id }, query: {}, body: null };
    expect(await operations.getKnowledge(get, context)).toMatchObject({ retracted: true });
  });

  it('is made anew from the log for another embedder', async () => {
    const first = await start();
    await learn('r_1.T1.a1');
    const [event] = await world.until(1);
    await first.search('file', event?.position);
    await first.stop();
    const other: Embedder = { ...featureHashingEmbedder(), name: 'another/one' };
    const { search } = await start(other);
    expect(await search('file', event?.position)).toHaveLength(1);
  });

  it('lets nobody wait longer than a while', async () => {
    const { index, stop } = await start();
    await learn('r_1.T1.a1');
    const [event] = await world.until(1);
    const { clock, store } = world;
    // One that was never started comes nowhere.
    const embedder = featureHashingEmbedder();
    const idle = { ...index, checkpoint: async () => asPosition('') };
    const { waitFor } = indexing({ store, index: idle, embedder, clock, logger: silentLogger });
    const waiting = expect(waitFor(asPosition(event?.position ?? ''), 5_000)).rejects.toMatchObject({
      code: 'READ_MODEL_BEHIND',
    });
    while (clock.sleeping() === 0) await clock.advance(0);
    await clock.advance(5_000);
    await waiting;
    await stop();
  });
});

describe('the operations', () => {
  it('refuse what is not known, list in pages, and walk the graph', async () => {
    const { operations } = await start();
    const nobody = { params: { id: 'k_no' }, query: {}, body: null };
    await expect(operations.getKnowledge(nobody, context)).rejects.toMatchObject({
      code: 'KNOWLEDGE_NOT_FOUND',
    });
    const graph = (from: string, after?: string) =>
      operations.getKnowledgeGraph(
        {
          params: {},
          query: { start: from, depth: 1, ...(after === undefined ? {} : { after }) },
          body: null,
        },
        context,
      );
    await expect(graph('k_no')).rejects.toMatchObject({ code: 'KNOWLEDGE_NOT_FOUND' });
    await reflect('r_1.T1.a1', ['Write tests first.'], ['Use one table.']);
    const events = await world.until(3);
    const { nodes, edges } = await graph(nodeIdOf(events[0]), events[2]?.position);
    expect([nodes.length, edges.length]).toEqual([2, 1]);
    const page = (cursor?: string) =>
      operations.listKnowledge(
        {
          params: {},
          query: { limit: 1, projectId: 'p_1', ...(cursor === undefined ? {} : { cursor }) },
          body: null,
        },
        context,
      );
    const first = await page();
    const second = await page(first.nextCursor ?? undefined);
    expect(new Set([first, second].flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(2);
    expect(second.nextCursor).toBeNull();
  });
});
