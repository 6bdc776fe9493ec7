import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asPosition, beginning } from '../../events/index.ts';
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
});
