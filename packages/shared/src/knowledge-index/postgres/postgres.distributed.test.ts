import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { startPglite } from '../../../../../infra/native/pglite.ts';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { systemClock } from '../../runtime/index.ts';
import { openPostgresKnowledgeIndex } from '../index.ts';
import { knowledgeIndexContract, testEmbedder } from '../testing/index.ts';

let directory: string;
let server: NativeServer;
let opened = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-pglite-'));
  server = await startPglite({ directory });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

knowledgeIndexContract('pgvector 0.8 in PGlite 18, which is PostgreSQL in WebAssembly', () => {
  opened += 1;
  return openPostgresKnowledgeIndex({
    url: server.url,
    embedder: testEmbedder,
    clock: systemClock,
    schema: `contract_${opened}`,
  });
});
