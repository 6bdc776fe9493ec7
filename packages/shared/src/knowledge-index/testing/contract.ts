import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asPosition, beginning } from '../../events/index.ts';
import type { IndexedNode, KnowledgeIndex } from '../port.ts';

/** The three axes that the suite's vectors point along; adapters are opened with three dimensions. */
export const testEmbedder = { name: 'axes/3', dimensions: 3 };

export const testNode = (nodeId: string, partial: Partial<IndexedNode> = {}): IndexedNode => ({
  nodeId,
  projectId: 'p_1',
  kind: 'pattern',
  memory: 'semantic',
  title: `Title of ${nodeId}`,
  content: `Content of ${nodeId}`,
  tags: [],
  importance: 0.5,
  provenance: {
    eventId: `e_${nodeId}`,
    position: '1',
    runId: null,
    taskId: null,
    agentId: null,
    commit: null,
  },
  embedding: [1, 0, 0],
  createdAt: '2026-01-01T00:00:00.000Z',
  usedCount: 0,
  score: 0,
  lastUsedAt: null,
  retracted: false,
  ...partial,
});

const at = (number: number) => asPosition(String(number).padStart(4, '0'));

/** What every knowledge index does, whatever it is made of. */
export const knowledgeIndexContract = (name: string, open: () => Promise<KnowledgeIndex>): void => {
  describe(`knowledge index: ${name}`, () => {
    let index: KnowledgeIndex;
    let position = beginning;

    const write = async (
      nodes: readonly IndexedNode[],
      edges: readonly { from: string; to: string; relation: string }[] = [],
    ) => {
      const to = at(Number(position || 0) + 1);
      await index.write({ nodes, edges }, { from: position, to });
      position = to;
    };
    const ask = async (text: string, partial = {}) => {
      const hits = await index.search({ text, embedding: [0, 0, 1], projectId: null, limit: 10, ...partial });
      return hits.map(({ node }) => node.nodeId);
    };

    beforeEach(async () => {
      index = await open();
      position = beginning;
    });
    afterEach(() => index.close());

    it('finds by words, by meaning, and ranks first what both find', async () => {
      await write([
        testNode('words', { content: 'retry with backoff after a rate limit', embedding: [0, 1, 0] }),
        testNode('meaning', { content: 'nothing of the kind', embedding: [0, 0.2, 1] }),
        testNode('both', { content: 'backoff for every retry', embedding: [0, 0, 1] }),
      ]);
      const [first, ...others] = await ask('retry backoff');
      expect(first).toBe('both');
      expect(others.sort()).toEqual(['meaning', 'words']);
    });

    it('reads a question as words, whatever it looks like', async () => {
      await write([testNode('a', { content: 'quoted' })]);
      for (const text of [
        '"quoted" OR NEAR(',
        "'; drop table nodes; --",
        '* ^ : ( )',
        'title:quoted',
        'NOT',
        '🦄',
        '-',
      ]) {
        await expect(ask(text)).resolves.toBeInstanceOf(Array);
      }
      expect(await ask('QUOTED')).toEqual(['a']);
    });

    it('keeps projects apart when one is asked for, and searches all of them otherwise', async () => {
      await write([
        testNode('a', { content: 'shared word' }),
        testNode('b', { content: 'shared word', projectId: 'p_2' }),
      ]);
      expect(await ask('shared', { projectId: 'p_2' })).toEqual(['b']);
      expect((await ask('shared')).sort()).toEqual(['a', 'b']);
    });

    it('leaves out what was retracted, and kinds that were not asked for', async () => {
      await write([testNode('a', { content: 'word' }), testNode('b', { content: 'word', kind: 'decision' })]);
      expect(await ask('word', { kinds: ['decision'] })).toEqual(['b']);
      await write([testNode('b', { content: 'word', kind: 'decision', retracted: true })]);
      expect(await ask('word', { kinds: ['decision'] })).toEqual([]);
      expect((await index.get(['b']))[0]?.retracted).toBe(true);
    });

    it('forgets the words and the vector that a node had before', async () => {
      await write([testNode('a', { content: 'former', embedding: [0, 0, 1] })]);
      await write([testNode('a', { content: 'latter', embedding: [0, 1, 0] })]);
      const [hit] = await index.search({ text: 'former', embedding: [0, 0, 1], projectId: null, limit: 5 });
      expect(hit?.textRank).toBeNull();
      expect(
        (await index.search({ text: 'latter', embedding: [0, 1, 0], projectId: null, limit: 5 }))[0]
          ?.textRank,
      ).toBe(1);
    });

    it('walks edges both ways, to the depth that was asked for, round cycles too', async () => {
      const chain = ['a', 'b', 'c', 'd'];
      await write(
        chain.map((id) => testNode(id)),
        [
          { from: 'a', to: 'b', relation: 'refines' },
          { from: 'c', to: 'b', relation: 'solves' },
          { from: 'c', to: 'd', relation: 'causes' },
          { from: 'd', to: 'a', relation: 'relates_to' },
        ],
      );
      const around = async (depth: number) =>
        (await index.traverse('a', depth)).nodes.map(({ nodeId }) => nodeId).sort();
      expect(await around(0)).toEqual(['a']);
      expect(await around(1)).toEqual(['a', 'b', 'd']);
      expect(await around(2)).toEqual(chain);
      expect((await index.traverse('a', 5)).edges).toHaveLength(4);
      expect((await index.traverse('nowhere', 2)).nodes).toEqual([]);
    });

    it('refuses a write from a checkpoint that is not its own, and then has changed nothing', async () => {
      await write([testNode('a')]);
      await expect(
        index.write({ nodes: [testNode('b')], edges: [] }, { from: beginning, to: at(9) }),
      ).rejects.toMatchObject({
        code: 'CHECKPOINT_MOVED',
      });
      expect(await index.get(['b'])).toEqual([undefined]);
      expect(await index.checkpoint()).toBe(position);
    });

    it('pages through everything once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 30 }),
          fc.integer({ min: 1, max: 7 }),
          async (size, limit) => {
            await index.clear();
            position = beginning;
            await write(
              Array.from({ length: size }, (_, number) => testNode(`n${String(number).padStart(3, '0')}`)),
            );
            const seen: string[] = [];
            let cursor: string | null = null;
            do {
              const page: Awaited<ReturnType<KnowledgeIndex['list']>> = await index.list({
                projectId: 'p_1',
                limit,
                ...(cursor === null ? {} : { cursor }),
              });
              seen.push(...page.items.map(({ nodeId }) => nodeId));
              cursor = page.nextCursor;
            } while (cursor !== null);
            expect(seen).toEqual([...new Set(seen)].sort());
            expect(seen).toHaveLength(size);
          },
        ),
        { numRuns: 15 },
      );
    });

    it('is empty after it was cleared, and takes everything again', async () => {
      await write([testNode('a', { content: 'word' })]);
      await index.clear();
      position = beginning;
      expect(await index.checkpoint()).toBe(beginning);
      expect(await ask('word')).toEqual([]);
      await write([testNode('a', { content: 'word' })]);
      expect(await ask('word')).toEqual(['a']);
    });
  });
};
