import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { load } from 'sqlite-vec';
import {
  asOrganizationId,
  asPosition,
  beginning,
  defaultOrganization,
  type OrganizationId,
} from '../../events/index.ts';
import type { IndexedNode } from '../port.ts';
import { knowledgeIndexContract, testEmbedder, testNode } from '../testing/index.ts';
import { openSqliteKnowledgeIndex } from './open-sqlite-knowledge-index.ts';

knowledgeIndexContract('SQLite with FTS5 and sqlite-vec, in memory', async () =>
  openSqliteKnowledgeIndex({ path: ':memory:', embedder: testEmbedder }),
);

describe('a knowledge index in a file', () => {
  it('is there after it was closed, and begins again for another embedder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'knowledge-'));
    const path = join(directory, 'knowledge.db');
    const first = openSqliteKnowledgeIndex({ path, embedder: testEmbedder });
    await first.write({ nodes: [testNode('a')], edges: [] }, { from: beginning, to: asPosition('1') });
    await first.close();
    const again = openSqliteKnowledgeIndex({ path, embedder: testEmbedder });
    expect(await again.checkpoint()).toBe('1');
    expect((await again.get(['a']))[0]).toEqual(testNode('a'));
    await again.close();
    const other = openSqliteKnowledgeIndex({ path, embedder: { name: 'axes/4', dimensions: 4 } });
    expect(await other.checkpoint()).toBe(beginning);
    await other.close();
    await rm(directory, { recursive: true });
  });

  it('of before there were organisations is the default one’s, without being made again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'knowledge-'));
    const path = join(directory, 'knowledge.db');
    writeOfBefore(path, testNode('a', { content: 'word' }));
    const index = openSqliteKnowledgeIndex({ path, embedder: testEmbedder });
    expect(await index.checkpoint()).toBe('1');
    const question = { text: 'word', embedding: [1, 0, 0], projectId: null, limit: 5 };
    const found = async (organizationId: OrganizationId) =>
      (await index.search({ ...question, organizationId })).map(({ node, textRank, vectorRank }) => [
        node.nodeId,
        textRank,
        vectorRank,
      ]);
    expect(await found(defaultOrganization)).toEqual([['a', 1, 1]]);
    expect(await found(asOrganizationId('acme'))).toEqual([]);
    expect(await index.get(['a'])).toEqual([testNode('a', { content: 'word' })]);
    const node = testNode('b', { content: 'word', organizationId: asOrganizationId('acme') });
    await index.write({ nodes: [node], edges: [] }, { from: asPosition('1'), to: asPosition('2') });
    await index.close();
    const again = openSqliteKnowledgeIndex({ path, embedder: testEmbedder });
    expect((await again.search({ ...question, organizationId: null })).map((hit) => hit.node.nodeId)).toEqual(
      ['a', 'b'],
    );
    await again.close();
    await rm(directory, { recursive: true });
  });
});

describe('what points nowhere', () => {
  it('is near to nothing, and nothing to it', async () => {
    const index = openSqliteKnowledgeIndex({ path: ':memory:', embedder: testEmbedder });
    const nodes = [testNode('nowhere', { embedding: [0, 0, 0] }), testNode('far', { embedding: [-1, 0, 0] })];
    await index.write({ nodes, edges: [] }, { from: beginning, to: asPosition('1') });
    const near = async (embedding: readonly number[]) =>
      (await index.search({ text: '', embedding, organizationId: null, projectId: 'p_1', limit: 5 })).map(
        ({ node }) => node.nodeId,
      );
    expect(await near([1, 0, 0])).toEqual(['far']);
    expect(await near([0, 0, 0])).toEqual([]);
    await index.close();
  });
});

/** A file as the program wrote it that knew of no organisations. */
const writeOfBefore = (path: string, { organizationId: _, ...node }: IndexedNode): void => {
  const database = new DatabaseSync(path, { allowExtension: true });
  load(database);
  database.exec(`
    create table settings (name text primary key, value text not null) strict;
    create table nodes (
      number integer primary key, node_id text not null unique, project_id text not null, document text not null
    ) strict;
    create index nodes_by_project on nodes (project_id, node_id);
    create table edges (
      from_id text not null, to_id text not null, relation text not null, primary key (from_id, to_id, relation)
    ) strict, without rowid;
    create index edges_by_target on edges (to_id);
    create virtual table words using fts5 (title, content, tags, tokenize = 'porter unicode61');
    create virtual table vectors using vec0 (embedding float[3] distance_metric=cosine, project_id text partition key);
    insert into settings (name, value) values ('embedder', '${testEmbedder.name}'), ('checkpoint', '1');
  `);
  database
    .prepare('insert into nodes (number, node_id, project_id, document) values (1, ?, ?, ?)')
    .run(node.nodeId, node.projectId, JSON.stringify(node));
  database
    .prepare('insert into words (rowid, title, content, tags) values (1, ?, ?, ?)')
    .run(node.title, node.content, node.tags.join(' '));
  database
    .prepare('insert into vectors (rowid, embedding, project_id) values (1, ?, ?)')
    .run(new Uint8Array(new Float32Array(node.embedding).buffer), node.projectId);
  database.close();
};
