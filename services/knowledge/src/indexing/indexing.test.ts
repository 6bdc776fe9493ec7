import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, SubscribeOptions } from '@partitura/shared/event-store';
import { beginning, type Position } from '@partitura/shared/events';
import { type KnowledgeIndex, openSqliteKnowledgeIndex } from '@partitura/shared/knowledge-index';
import { featureHashingEmbedder } from '@partitura/shared/models';
import { PartituraError } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { type Indexer, indexer, openLog } from '../testing/indexers.ts';

describe('several instances that index', () => {
  let clock: VirtualClock;
  let log: ReturnType<typeof openLog>;
  let index: KnowledgeIndex;
  let running: Indexer[];

  beforeEach(() => {
    clock = virtualClock();
    log = openLog(clock);
    index = openSqliteKnowledgeIndex({ path: ':memory:', embedder: featureHashingEmbedder() });
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop(0)));
    await index.close();
    await log.store.close();
  });

  const start = async (changes: { store?: EventStore; index?: KnowledgeIndex } = {}): Promise<Indexer> => {
    const instance = indexer(changes.store ?? log.store, changes.index ?? index, clock);
    await instance.start();
    running.push(instance);
    return instance;
  };

  /** Lets so much time pass at a time until it is so. */
  const until = async (condition: () => Promise<boolean>, stepMs = 0): Promise<void> => {
    while (!(await condition())) await clock.advance(stepMs);
  };
  const indexed = (position: Position, stepMs = 0) =>
    until(async () => (await index.checkpoint()) >= position, stepMs);
  const usesOf = async (nodeId: string) => (await index.get([nodeId]))[0]?.usedCount;
  const paidBy = (instances: readonly Indexer[]) =>
    instances.reduce((sum, { embedder }) => sum + embedder.texts.length, 0);

  it('count every use once, whoever is faster', async () => {
    const instances = [await start(), await start(), await start()];
    await log.add('n');
    let last: Position = beginning;
    for (let use = 0; use < 60; use += 1) {
      last = await log.use('n', `a${use}`);
      if (use % 7 === 0) await clock.advance(500);
    }
    await indexed(last, 100);
    expect(await usesOf('n')).toBe(60);
    for (const { health } of instances) expect(await health.check()).toBeNull();
  });

  it('leave it to the one that won, so that an embedding is paid for once', async () => {
    const instances = [await start(), await start()];
    await indexed(await log.add('first'));
    // Both may have been at it.
    await clock.advance(0);
    const before = paidBy(instances);
    expect(before).toBeLessThanOrEqual(2);
    for (let node = 0; node < 10; node += 1) await indexed(await log.add(`n${node}`));
    expect(paidBy(instances) - before).toBe(10);
  });

  it('take over when the one that won is gone', async () => {
    const instances = [await start(), await start()];
    await indexed(await log.add('first'));
    for (let node = 0; node < 3; node += 1) await indexed(await log.add(`n${node}`));
    const [winner] = instances.toSorted(
      (left, right) => right.embedder.texts.length - left.embedder.texts.length,
    );
    await winner?.stop(0);
    await indexed(await log.add('after'), 500);
    expect((await index.get(['after']))[0]?.nodeId).toBe('after');
  });

  it('know of a position that another one has come to', async () => {
    // It sees nothing of the log: the other one writes.
    const deaf: EventStore = {
      ...log.store,
      subscribe: async function* ({ signal }) {
        await clock.sleep(Number.MAX_SAFE_INTEGER, signal).catch(() => undefined);
        yield* [];
      },
    };
    const waiting = await start({ store: deaf });
    await until(async () => clock.sleeping() > 0);
    const position = await log.add('n');
    let came = false;
    const wait = waiting.waitFor(position, 60_000).then(() => {
      came = true;
    });
    await clock.advance(1_000);
    expect(came).toBe(false);
    await start();
    await indexed(position);
    // Before it looks by itself whether the index is where it was left.
    await clock.advance(500);
    expect(came).toBe(true);
    await wait;
  });

  it('bring back an index that was wiped while nothing happens', async () => {
    await start();
    await start();
    await log.add('n');
    await log.use('n', 'a');
    const last = await log.use('n', 'b');
    await indexed(last, 100);
    // Nobody has anything in hand.
    await clock.advance(10_000);
    await index.clear();
    expect(await usesOf('n')).toBeUndefined();
    await indexed(last, 500);
    expect(await usesOf('n')).toBe(2);
  });

  it('go on when the subscription breaks or ends, and say so meanwhile', async () => {
    let breaks = 0;
    const onePageAndNoMore = async function* (options: SubscribeOptions) {
      for await (const page of log.store.subscribe(options)) {
        yield page;
        throw new Error('broken');
      }
    };
    const attempts: EventStore['subscribe'][] = [
      () => {
        throw new PartituraError('STORE_UNREACHABLE', 'away');
      },
      async function* () {
        yield* [];
      },
      onePageAndNoMore,
    ];
    const shaky: EventStore = {
      ...log.store,
      subscribe: (options) => {
        breaks += 1;
        return (attempts.shift() ?? log.store.subscribe)(options);
      },
    };
    const instance = await start({ store: shaky });
    await until(async () => (await instance.health.check()) !== null);
    expect(await instance.health.check()).toContain(
      'has indexed nothing since 2026-01-01T00:00:00.000Z: away',
    );
    // An end without an error is no reason to ask without a pause.
    await until(async () => breaks === 2, 100);
    await clock.advance(100);
    expect(breaks).toBe(2);
    await log.add('n');
    await until(async () => breaks === 4, 100);
    const last = await log.use('n', 'a');
    await indexed(last, 100);
    expect(await usesOf('n')).toBe(1);
    expect(await instance.health.check()).toBeNull();
  });

  it('wait for an index that is away, and do not pay again for what is embedded', async () => {
    let isAway = true;
    const refuse = () => {
      throw new PartituraError('KNOWLEDGE_UNREACHABLE', 'PostgreSQL does not answer.');
    };
    const away: KnowledgeIndex = {
      ...index,
      write: async (...change) => (isAway ? refuse() : index.write(...change)),
    };
    const position = await log.add('n');
    const instance = await start({ index: away });
    for (let time = 0; time < 50; time += 1) await clock.advance(1_000);
    expect(await instance.health.check()).toContain('PostgreSQL does not answer.');
    isAway = false;
    await indexed(position, 1_000);
    await until(async () => (await instance.health.check()) === null);
    expect(instance.embedder.texts).toHaveLength(1);
  });

  it('stop in the time they are given, whether the index answers or not', async () => {
    const answer = Promise.withResolvers<void>();
    let isAsked = false;
    const silent: KnowledgeIndex = {
      ...index,
      write: async (...change) => {
        isAsked = true;
        await answer.promise;
        await index.write(...change);
      },
    };
    const position = await log.add('n');
    const instance = await start({ index: silent });
    await until(async () => isAsked);
    const stopped = instance.stop(1_000);
    await clock.advance(1_000);
    await stopped;
    answer.resolve();
    await indexed(position);
  });
});
