import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPglite } from '../../../../../infra/native/pglite.ts';
import { type RestartableServer, restartable } from '../../../../../infra/native/restartable.ts';
import {
  asOrganizationId,
  asPosition,
  beginning,
  defaultOrganization,
  type Position,
} from '../../events/index.ts';
import { isTransient } from '../../processing/transient-errors.ts';
import { systemClock } from '../../runtime/index.ts';
import {
  type KnowledgeIndex,
  openPostgresKnowledgeIndex,
  type PostgresKnowledgeIndexOptions,
} from '../index.ts';
import { testEmbedder, testNode } from '../testing/index.ts';

const at = (number: number): Position => asPosition(String(number).padStart(6, '0'));

describe('the knowledge index on pgvector 0.8 in PGlite 18, which is PostgreSQL in WebAssembly', () => {
  let directory: string;
  let server: RestartableServer;
  let schema: string;
  let tests = 0;
  let opened: KnowledgeIndex[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-pglite-'));
    server = await restartable((port) => startPglite({ directory, ...(port === undefined ? {} : { port }) }));
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    tests += 1;
    schema = `test_${tests}`;
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((index) => index.close()));
  });

  const open = async (options: Partial<PostgresKnowledgeIndexOptions> = {}): Promise<KnowledgeIndex> => {
    const index = await openPostgresKnowledgeIndex({
      url: server.url,
      embedder: testEmbedder,
      clock: systemClock,
      schema,
      ...options,
    });
    opened.push(index);
    return index;
  };

  const sql = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client(server.url);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  /** An angle in the plane as a unit vector. */
  const towards = (angle: number): number[] => [Math.cos(angle), Math.sin(angle), 0];

  const crowd = (size: number, partial: (number: number) => object) =>
    Array.from({ length: size }, (_, number) =>
      testNode(`n${String(number).padStart(5, '0')}`, {
        content: 'crowd',
        embedding: towards((number / size) * 0.1),
        ...partial(number),
      }),
    );

  it('finds all of a small project and a small organisation within a big table, and a rare kind', async () => {
    const index = await open();
    const acme = asOrganizationId('acme');
    // The three are the farthest of all from the question: whoever filters the nearest does not get to them.
    const nodes = crowd(2_000, (number) =>
      number < 1_997
        ? {}
        : {
            projectId: 'p_small',
            organizationId: acme,
            kind: 'architecture',
            embedding: towards(3 + number / 2_000),
          },
    );
    await index.write({ nodes, edges: [] }, { from: beginning, to: at(1) });
    const question = { text: '', embedding: towards(0), organizationId: null, limit: 10 };
    const farthest = ['n01999', 'n01998', 'n01997'];
    // PGlite has one session, so this is for the index too: a planner that takes the graph whenever it can, as with numbers that
    // mislead it, and a graph too large to be walked to the end.
    await sql('set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off');
    await sql('set hnsw.max_scan_tuples = 300');
    const small = await index.search({ ...question, projectId: 'p_small' });
    const few = await index.search({ ...question, projectId: null, organizationId: acme });
    await sql('reset hnsw.max_scan_tuples');
    expect(small.map(({ node, vectorRank }) => [node.nodeId, vectorRank])).toEqual(
      farthest.map((nodeId, at) => [nodeId, at + 1]),
    );
    expect(few).toEqual(small);
    const rare = await index.search({ ...question, projectId: null, kinds: ['architecture'] });
    await sql('reset enable_seqscan; reset enable_bitmapscan; reset enable_sort');
    expect(rare.map(({ node }) => node.nodeId)).toEqual(farthest);
    const nearest = await index.search({ ...question, projectId: null });
    expect(nearest.map(({ node }) => node.nodeId)).toEqual(nodes.slice(0, 10).map(({ nodeId }) => nodeId));
  });

  it('finds words as the index in SQLite does: stems, parts of paths, no stop words, no accents', async () => {
    const index = await open();
    const contents = {
      stem: 'it was retrying',
      path: 'see src/parser.ts, up-to-date since v1.5e3',
      stop: 'not the',
      accent: 'un café à Zürich',
      nul: 'before\0after \uD800 half',
    };
    const nodes = Object.entries(contents).map(([nodeId, content]) =>
      testNode(nodeId, { content, title: '' }),
    );
    await index.write({ nodes, edges: [] }, { from: beginning, to: at(1) });
    const find = async (text: string) => {
      const hits = await index.search({
        organizationId: null,
        text,
        embedding: [0, 0, 1],
        projectId: null,
        limit: 10,
      });
      return hits.filter(({ textRank }) => textRank !== null).map(({ node }) => node.nodeId);
    };
    for (const [text, found] of [
      ['retries', 'stem'],
      ['PARSER', 'path'],
      ['date', 'path'],
      ['5e3', 'path'],
      ['not', 'stop'],
      ['cafe zurich', 'accent'],
      ['after', 'nul'],
    ] as const)
      expect([text, await find(text)]).toEqual([text, [found]]);
    expect(await index.get(['nul'])).toEqual([nodes[4]]);
    expect(await index.get(['no\0thing'])).toEqual([undefined]);
    expect(await index.list({ organizationId: null, projectId: 'p\0', limit: 1, cursor: '\0' })).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('ranks the word that says something over those that are everywhere', async () => {
    const index = await open();
    const nodes = [
      testNode('noise', { title: 'Of the', content: 'the of the of the' }),
      testNode('meant', { content: 'a long text with backoff somewhere and the like' }),
    ];
    await index.write({ nodes, edges: [] }, { from: beginning, to: at(1) });
    const hits = await index.search({
      organizationId: null,
      text: 'the backoff of the',
      embedding: [0, 0, 0],
      projectId: null,
      limit: 2,
    });
    expect(hits.map(({ node, textRank, vectorRank }) => [node.nodeId, textRank, vectorRank])).toEqual([
      ['meant', 1, null],
      ['noise', 2, null],
    ]);
  });

  it('takes a node without a meaning, the last of one given twice, and refuses an unusable embedding', async () => {
    const index = await open();
    await index.write(
      {
        nodes: [
          testNode('empty', { embedding: [0, 0, 0], content: 'word' }),
          testNode('twice', { content: 'first' }),
          testNode('twice', { content: 'second' }),
        ],
        edges: [
          { from: 'a', to: 'b', relation: 'causes' },
          { from: 'a', to: 'b', relation: 'causes' },
        ],
      },
      { from: beginning, to: at(1) },
    );
    expect((await index.get(['empty', 'twice'])).map((node) => node?.content)).toEqual(['word', 'second']);
    const [hit] = await index.search({
      organizationId: null,
      text: 'word',
      embedding: [1, 0, 0],
      projectId: 'p_1',
      limit: 5,
    });
    expect(hit).toMatchObject({ node: { nodeId: 'empty' }, textRank: 1, vectorRank: null });
    for (const embedding of [
      [1, 0],
      [Number.NaN, 0, 0],
      [1e39, 0, 0],
    ]) {
      const refusal = index.write(
        { nodes: [testNode('a', { embedding })], edges: [] },
        { from: at(1), to: at(2) },
      );
      await expect(refusal).rejects.toMatchObject({ code: 'KNOWLEDGE_EMBEDDING_INVALID' });
    }
    expect(await index.checkpoint()).toBe(at(1));
  });

  it('is made by whichever of many comes first, and one of two writers wins each batch', async () => {
    const indexes = await Promise.all(Array.from({ length: 6 }, () => open({ connections: 2 })));
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.allSettled(
        indexes.map((index, which) =>
          index.write(
            { nodes: [testNode(`${round}.${which}`)], edges: [] },
            { from: round === 0 ? beginning : at(round), to: at(round + 1) },
          ),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CHECKPOINT_MOVED' });
    }
    expect(await sql(`select count(*)::int from ${schema}.nodes`)).toEqual([{ count: 10 }]);
    expect(await sql(`select count(*)::int from ${schema}.migrations`)).toEqual([{ count: 3 }]);
  });

  it('comes through clearing, writing and reading all at once', async () => {
    const indexes = await Promise.all([open(), open(), open()]);
    const moved = (error: unknown) => expect(error).toMatchObject({ code: 'CHECKPOINT_MOVED' });
    await Promise.all(
      indexes.map(async (index, which) => {
        for (let round = 0; round < 20; round += 1) {
          const from = await index.checkpoint();
          const to = asPosition(`${from}${which}`);
          await index.write({ nodes: [testNode('a')], edges: [] }, { from, to }).catch(moved);
          if (round % 5 === which) await index.clear();
          await index.search({
            organizationId: null,
            text: 'content',
            embedding: [1, 0, 0],
            projectId: 'p_1',
            limit: 5,
          });
          await index.traverse('a', 2, { organizationId: null });
        }
      }),
    );
    const [first] = indexes;
    await first?.clear();
    expect(await first?.checkpoint()).toBe(beginning);
  });

  it('begins again for another embedder, and a process that still has the former one neither writes nor compares', async () => {
    const before = await open();
    await before.write(
      { nodes: [testNode('a', { content: 'word' })], edges: [] },
      { from: beginning, to: at(1) },
    );
    const same = await open();
    expect(await same.checkpoint()).toBe(at(1));
    const after = await open({ embedder: { name: 'axes/2', dimensions: 2 } });
    expect(await after.checkpoint()).toBe(beginning);
    const node = testNode('b', { content: 'word', embedding: [0, 1] });
    await after.write({ nodes: [node], edges: [] }, { from: beginning, to: at(1) });
    const changed = { code: 'KNOWLEDGE_EMBEDDER_CHANGED', message: expect.stringContaining('axes/2') };
    await expect(before.checkpoint()).rejects.toMatchObject(changed);
    await expect(before.write({ nodes: [], edges: [] }, { from: at(1), to: at(2) })).rejects.toMatchObject(
      changed,
    );
    for (const projectId of [null, 'p_1']) {
      const [hit] = await before.search({
        organizationId: null,
        text: 'word',
        embedding: [0, 0, 1],
        projectId,
        limit: 5,
      });
      expect(hit).toMatchObject({ node: { nodeId: 'b' }, textRank: 1, vectorRank: null });
    }
  });

  it('takes embedders of up to 4,000 dimensions', async () => {
    const dimensions = 3_072;
    const index = await open({ embedder: { name: 'wide', dimensions } });
    const along = (axis: number) =>
      Array.from({ length: dimensions }, (_, number) => (number === axis ? 1 : 0));
    const nodes = [0, 1, 2].map((axis) => testNode(`n${axis}`, { embedding: along(axis) }));
    await index.write({ nodes, edges: [] }, { from: beginning, to: at(1) });
    for (const projectId of [null, 'p_1']) {
      const [hit] = await index.search({
        organizationId: null,
        text: '',
        embedding: along(1),
        projectId,
        limit: 1,
      });
      expect(hit?.node.nodeId).toBe('n1');
    }
    await expect(open({ embedder: { name: 'wider', dimensions: 4_001 } })).rejects.toMatchObject({
      code: 'KNOWLEDGE_DIMENSIONS_UNSUPPORTED',
    });
  });

  it('refuses a schema that a newer program has made', async () => {
    await open();
    await sql(`insert into ${schema}.migrations (number, name) values (9999, '9999-from-the-future')`);
    await expect(open()).rejects.toMatchObject({
      code: 'KNOWLEDGE_SCHEMA_NEWER',
      message: expect.stringContaining('schema 9999; this program knows 3'),
      advice: expect.stringContaining('newer Partitura'),
    });
  });

  it('of before there were organisations is the default one’s, and refuses what the program of then writes', async () => {
    const before = await open();
    const node = testNode('a', { content: 'word' });
    await before.write({ nodes: [node], edges: [] }, { from: beginning, to: at(1) });
    await before.close();
    await sql(`alter table ${schema}.nodes drop column organization_id`);
    await sql(`alter table ${schema}.findings drop column organization_id`);
    await sql(`update ${schema}.nodes set document = replace(document, '"organizationId":"default",', '')`);
    await sql(`delete from ${schema}.migrations where number > 2`);
    const index = await open();
    expect(await index.checkpoint()).toBe(at(1));
    expect(await index.get(['a'])).toEqual([node]);
    const question = { text: 'word', embedding: [1, 0, 0], projectId: null, limit: 5 };
    const [hit] = await index.search({ ...question, organizationId: defaultOrganization });
    expect(hit).toMatchObject({ node: { nodeId: 'a' }, textRank: 1, vectorRank: 1 });
    expect(await index.search({ ...question, organizationId: asOrganizationId('acme') })).toEqual([]);
    const written = sql(
      `insert into ${schema}.nodes (node_id, project_id, document) values ('b', 'p_acme', '{}')`,
    );
    await expect(written).rejects.toThrow('organization_id');
  });

  it('is empty, not broken, when somebody dropped it while it was open', async () => {
    const index = await open();
    await index.write({ nodes: [testNode('a')], edges: [] }, { from: beginning, to: at(1) });
    await sql(`drop schema ${schema} cascade`);
    expect(await index.checkpoint()).toBe(beginning);
    await index.write({ nodes: [testNode('b')], edges: [] }, { from: beginning, to: at(1) });
    await sql('drop extension vector cascade');
    const [hit] = await index.search({
      organizationId: null,
      text: 'content',
      embedding: [1, 0, 0],
      projectId: null,
      limit: 5,
    });
    expect(hit).toBeUndefined();
    expect(await index.checkpoint()).toBe(beginning);
  });

  it('loses no write and applies none twice while the server is killed and comes back', async () => {
    const index = await open();
    const reader = await open();
    let checkpoint = await index.checkpoint();
    let writing = true;
    const counting = async (): Promise<number> => {
      let count = 0;
      while (writing) {
        const [known] = await index.get(['counter']);
        const node = testNode('counter', { usedCount: (known?.usedCount ?? 0) + 1 });
        try {
          const to = at(count + 1);
          await index.write({ nodes: [node], edges: [] }, { from: checkpoint, to });
          checkpoint = to;
          count += 1;
        } catch (error) {
          // Written, and the answer was lost: the checkpoint tells.
          expect(error).toMatchObject({ code: 'CHECKPOINT_MOVED' });
          checkpoint = await index.checkpoint();
          count += 1;
          expect(checkpoint).toBe(at(count));
        }
      }
      return count;
    };
    const counted = counting();
    for (let kill = 0; kill < 2; kill += 1) {
      await server.kill();
      const asked = reader.get(['counter']);
      await server.start();
      await asked;
      const before = await reader.checkpoint();
      while ((await reader.checkpoint()) === before) await sleep(10);
    }
    writing = false;
    const count = await counted;
    expect((await reader.get(['counter']))[0]?.usedCount).toBe(count);
  });

  it('waits for a server that stands still, and goes on with it', async () => {
    const index = await open();
    await index.write({ nodes: [testNode('a')], edges: [] }, { from: beginning, to: at(1) });
    server.pause();
    const asked = Promise.all(Array.from({ length: 8 }, () => index.get(['a'])));
    const written = index.write({ nodes: [testNode('b')], edges: [] }, { from: at(1), to: at(2) });
    // Longer than a connection may take to be opened.
    await sleep(6_000);
    server.resume();
    expect((await asked).flat()).toHaveLength(8);
    await written;
    expect(await index.checkpoint()).toBe(at(2));
  });

  it('says that the server is away, as something that passes, and is well when it is back', async () => {
    const index = await open({ patienceMs: 300 });
    await server.kill();
    const failure: unknown = await index.get(['a']).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'KNOWLEDGE_UNREACHABLE',
      message: expect.stringContaining('PostgreSQL at 127.0.0.1'),
    });
    expect(isTransient(failure)).toBe(true);
    await server.start();
    expect(await index.get(['a'])).toEqual([undefined]);
  });

  it('closes at once, also while the server stands still, and is closed then', async () => {
    const index = await open();
    const asked = Promise.allSettled([index.get(['a']), index.get(['b'])]);
    server.pause();
    const unanswered = index.get(['c']).catch((error: unknown) => error);
    await index.close();
    server.resume();
    await asked;
    expect(await unanswered).toMatchObject({ code: expect.stringMatching(/KNOWLEDGE_(CLOSED|UNREACHABLE)/) });
    await expect(index.get(['a'])).rejects.toMatchObject({ code: 'KNOWLEDGE_CLOSED' });
  });
});
