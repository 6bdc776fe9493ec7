import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Position } from '@partitura/shared/events';
import { type KnowledgeIndex, openPostgresKnowledgeIndex } from '@partitura/shared/knowledge-index';
import { featureHashingEmbedder } from '@partitura/shared/models';
import { systemClock } from '@partitura/shared/runtime';
import { startPglite } from '../../../../infra/native/pglite.ts';
import { type RestartableServer, restartable } from '../../../../infra/native/restartable.ts';
import { type Indexer, indexer, openLog } from '../testing/indexers.ts';

describe('replicas that index on pgvector 0.8 in PGlite 18, which is PostgreSQL in WebAssembly', () => {
  let directory: string;
  let server: RestartableServer;
  let log: ReturnType<typeof openLog>;
  let schemas = 0;
  let indexes: KnowledgeIndex[];
  let running: Indexer[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-pglite-'));
    server = await restartable((port) => startPglite({ directory, ...(port === undefined ? {} : { port }) }));
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    schemas += 1;
    log = openLog(systemClock);
    indexes = [];
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop(0)));
    await Promise.all(indexes.map((index) => index.close()));
    await log.store.close();
    // Whoever asks a server that is busy waits for its answer, 30 s at the most, and may then ask once more.
  });

  /** As in a process of its own: with its own connections. */
  const open = async (): Promise<KnowledgeIndex> => {
    const index = await openPostgresKnowledgeIndex({
      url: server.url,
      embedder: featureHashingEmbedder(),
      clock: systemClock,
      schema: `replicas_${schemas}`,
    });
    indexes.push(index);
    return index;
  };
  const start = async (): Promise<Indexer> => {
    const instance = indexer(log.store, await open(), systemClock);
    await instance.start();
    running.push(instance);
    return instance;
  };

  const indexed = async (index: KnowledgeIndex, position: Position): Promise<void> => {
    while ((await index.checkpoint()) < position) await sleep(20);
  };
  const usesOf = async (index: KnowledgeIndex): Promise<number[]> => {
    const { items } = await index.list({ organizationId: null, projectId: 'p_1', limit: 100 });
    return items.map(({ usedCount }) => usedCount);
  };

  /** Nodes are used in turn, until `isOver`; resolves to how often each was. */
  const useInTurn = async (nodes: readonly string[], isOver: () => boolean): Promise<number[]> => {
    const uses = nodes.map(() => 0);
    for (const node of nodes) await log.add(node);
    for (let turn = 0; !isOver(); turn += 1) {
      const which = turn % nodes.length;
      await log.use(nodes[which] ?? '', `a${turn}`);
      uses[which] = (uses[which] ?? 0) + 1;
      await sleep(1);
    }
    return uses;
  };
  const nodes = ['k_1', 'k_2', 'k_3'];

  it('count every use once while the server is killed, stands still, and the index is wiped', async () => {
    await Promise.all([start(), start(), start()]);
    const runner = await open();
    let isOver = false;
    const used = useInTurn(nodes, () => isOver);
    const another = async (): Promise<void> => {
      const before = await runner.checkpoint();
      while ((await runner.checkpoint()) <= before) await sleep(20);
    };
    await another();
    await server.kill();
    await server.start();
    await another();
    server.pause();
    await sleep(2_000);
    server.resume();
    await another();
    await runner.clear();
    await another();
    isOver = true;
    const uses = await used;
    await indexed(runner, await log.store.head());
    expect(await usesOf(runner)).toEqual(uses);
    for (const { health } of running) expect(await health.check()).toBeNull();
  });

  it('lets a runner search while they write, and find what was learned', async () => {
    const [first] = await Promise.all([start(), start()]);
    const runner = await open();
    const [embedding = []] = await featureHashingEmbedder().embed(['k_7'], new AbortController().signal);
    for (let node = 0; node < 20; node += 1) {
      const position = await log.add(`k_${node}`);
      const hits = await runner.search({
        text: 'known',
        embedding,
        organizationId: null,
        projectId: 'p_1',
        limit: 30,
      });
      expect(hits.length).toBeLessThanOrEqual(node + 1);
      if (node % 5 === 0) await first?.waitFor(position, 30_000);
    }
    await indexed(runner, await log.store.head());
    const [hit] = await runner.search({
      text: 'what is k_7',
      embedding,
      organizationId: null,
      projectId: 'p_1',
      limit: 3,
    });
    expect(hit?.node.nodeId).toBe('k_7');
  });

  it('bring back an index that is wiped while nothing happens', async () => {
    await Promise.all([start(), start()]);
    const runner = await open();
    let turns = 0;
    const uses = await useInTurn(nodes, () => turns++ === 30);
    const last = await log.store.head();
    await indexed(runner, last);
    await runner.clear();
    await indexed(runner, last);
    expect(await usesOf(runner)).toEqual(uses);
  });
});
