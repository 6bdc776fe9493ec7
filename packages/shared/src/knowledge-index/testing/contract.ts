import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asOrganizationId, asPosition, beginning, defaultOrganization } from '../../events/index.ts';
import type { IndexedNode, KnowledgeIndex } from '../port.ts';

/** The three axes that the suite's vectors point along; adapters are opened with three dimensions. */
export const testEmbedder = { name: 'axes/3', dimensions: 3 };

export const testNode = (nodeId: string, partial: Partial<IndexedNode> = {}): IndexedNode => ({
  nodeId,
  organizationId: defaultOrganization,
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

const acme = asOrganizationId('acme');
const everywhere = { organizationId: null, projectId: null };

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
      const hits = await index.search({ ...everywhere, text, embedding: [0, 0, 1], limit: 10, ...partial });
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

    it('keeps organisations apart: in all of its projects, in one, and in one that is another’s', async () => {
      await write([
        testNode('ours', { content: 'shared word', organizationId: acme, projectId: 'p_acme' }),
        testNode('ours too', { content: 'shared word', organizationId: acme, projectId: 'p_acme2' }),
        testNode('theirs', { content: 'shared word' }),
      ]);
      expect((await ask('shared', { organizationId: acme })).sort()).toEqual(['ours', 'ours too']);
      expect(await ask('shared', { organizationId: acme, projectId: 'p_acme' })).toEqual(['ours']);
      expect(await ask('shared', { organizationId: acme, projectId: 'p_1' })).toEqual([]);
      expect(await ask('shared', { organizationId: defaultOrganization })).toEqual(['theirs']);
      const listed = async (projectId: string | null) =>
        (await index.list({ organizationId: acme, projectId, limit: 5 })).items.map(({ nodeId }) => nodeId);
      expect(await listed(null)).toEqual(['ours', 'ours too']);
      expect(await listed('p_acme2')).toEqual(['ours too']);
      expect(await listed('p_1')).toEqual([]);
    });

    it('finds all of a small organisation behind a crowd of others that rank before it', async () => {
      const crowd = Array.from({ length: 150 }, (_, number) =>
        testNode(`a${String(number).padStart(3, '0')}`, {
          content: 'word word word',
          embedding: [0, number / 10_000, 1],
        }),
      );
      const few = [1, 2, 3].map((number) =>
        testNode(`z${number}`, {
          content: `a long text in which the word is but one of many others, number ${number}`,
          embedding: [number / 10, 1, 0],
          organizationId: acme,
          projectId: `p_acme${number}`,
        }),
      );
      await write([...crowd, ...few]);
      const hits = await index.search({
        ...everywhere,
        organizationId: acme,
        text: 'word',
        embedding: [0, 0, 1],
        limit: 3,
      });
      expect(hits.map(({ node }) => node.nodeId).sort()).toEqual(['z1', 'z2', 'z3']);
      expect(hits.map(({ textRank }) => textRank).sort()).toEqual([1, 2, 3]);
      expect(hits.map(({ vectorRank }) => vectorRank).sort()).toEqual([1, 2, 3]);
      const page = await index.list({ ...everywhere, organizationId: acme, limit: 2 });
      expect(page.items.map(({ nodeId }) => nodeId)).toEqual(['z1', 'z2']);
      const cursor = page.nextCursor ?? '';
      const rest = await index.list({ ...everywhere, organizationId: acme, limit: 2, cursor });
      expect([rest.items.map(({ nodeId }) => nodeId), rest.nextCursor]).toEqual([['z3'], null]);
    });

    it('walks to nothing of another organisation, nor through it', async () => {
      await write(
        [
          ...['a', 'b', 'd'].map((id) => testNode(id, { organizationId: acme })),
          testNode('c', { organizationId: defaultOrganization }),
        ],
        [
          { from: 'a', to: 'b', relation: 'refines' },
          { from: 'b', to: 'c', relation: 'refines' },
          { from: 'c', to: 'd', relation: 'refines' },
        ],
      );
      const walked = async (start: string, organizationId: typeof acme | null) => {
        const { nodes, edges } = await index.traverse(start, 4, { organizationId });
        return { nodes: nodes.map(({ nodeId }) => nodeId), edges: edges.length };
      };
      expect(await walked('a', null)).toEqual({ nodes: ['a', 'b', 'c', 'd'], edges: 3 });
      expect(await walked('a', acme)).toEqual({ nodes: ['a', 'b'], edges: 1 });
      expect(await walked('c', acme)).toEqual({ nodes: [], edges: 0 });
      expect(await walked('c', defaultOrganization)).toEqual({ nodes: ['c'], edges: 0 });
    });

    it('moves a node with all that it is found by when it turns out to be another’s', async () => {
      await write([testNode('a', { content: 'word' })]);
      await write([testNode('a', { content: 'word', organizationId: acme })]);
      expect(await ask('word', { organizationId: defaultOrganization })).toEqual([]);
      expect(await ask('word', { organizationId: acme })).toEqual(['a']);
      expect((await index.get(['a']))[0]?.organizationId).toBe(acme);
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
      const [hit] = await index.search({ ...everywhere, text: 'former', embedding: [0, 0, 1], limit: 5 });
      expect(hit?.textRank).toBeNull();
      expect(
        (await index.search({ ...everywhere, text: 'latter', embedding: [0, 1, 0], limit: 5 }))[0]?.textRank,
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
        (await index.traverse('a', depth, everywhere)).nodes.map(({ nodeId }) => nodeId).sort();
      expect(await around(0)).toEqual(['a']);
      expect(await around(1)).toEqual(['a', 'b', 'd']);
      expect(await around(2)).toEqual(chain);
      expect((await index.traverse('a', 5, everywhere)).edges).toHaveLength(4);
      expect((await index.traverse('nowhere', 2, everywhere)).nodes).toEqual([]);
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
                ...everywhere,
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
