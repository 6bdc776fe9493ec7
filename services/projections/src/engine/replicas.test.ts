import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { type Clock, silentLogger, systemClock } from '@partitura/shared/runtime';
import { deferred } from '@partitura/shared/runtime/testing';
import { projections } from '../projections.ts';
import { documentsOf, foldOfTheLog } from '../testing/documents.ts';
import { buildName } from './build.ts';
import { type EngineOptions, type ProjectionEngine, projectionEngine } from './engine.ts';
import { poisonReport } from './poison.ts';

interface Replica {
  readonly engine: ProjectionEngine;
  readonly readModels: ReadModels;
}

let directory: string;
let store: EventStore;
let opened: ReadModels[];
let running: ProjectionEngine[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replicas-'));
  store = openSqliteEventStore({ path: ':memory:' });
  opened = [];
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((engine) => engine.stop(1_000)));
  for (const readModels of opened) await readModels.close();
  await store.close();
  await rm(directory, { recursive: true });
});

type Given = Partial<EngineOptions> & { readonly around?: (readModels: ReadModels) => ReadModels };

/** An instance with a connection of its own to the same file. */
const start = async ({ around = (same) => same, ...options }: Given = {}): Promise<Replica> => {
  const file = openSqliteReadModels({ path: join(directory, 'read-models.db') });
  opened.push(file);
  const readModels = around(file);
  const report = poisonReport(store, systemClock, silentLogger);
  const engine = projectionEngine({
    ...{ store, readModels, clock: systemClock, logger: silentLogger, report, projections },
    ...{ compareEveryMs: 20, retireAfterMs: 0 },
    ...options,
  });
  running.push(engine);
  await engine.start();
  return { engine, readModels };
};
const caughtUp = async ({ engine }: Replica) => engine.waitFor(await store.head(), 60_000);
/** Bounded by the time of the test. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await systemClock.sleep(5);
};
const generationOf = ({ engine }: Replica, name: string): number => engine.collection(name).generation;

const tellInParts = async (story: ReturnType<typeof runStory>, size: number): Promise<void> => {
  for (let told = 0; told < story.length; told += size) {
    await tellStore(store, story.slice(told, told + size), told);
    await systemClock.sleep(1);
  }
};

describe('several instances', () => {
  it('end with a fold of the log, whatever they take at once', async () => {
    const replicas = await Promise.all([1, 3, 7, 64].map((batchSize) => start({ batchSize })));
    await tellInParts(runStory({ tasks: 8, deadLetter: true }), 10);
    await Promise.all(replicas.map(caughtUp));
    const expected = await foldOfTheLog(store);
    for (const { engine, readModels } of replicas) {
      expect(await documentsOf(engine, readModels)).toEqual(expected);
      expect(engine.trouble()).toBeNull();
    }
  });

  it('go on for one that is gone in the middle of a batch', async () => {
    const stuck = deferred<void>();
    const first = await start({
      batchSize: 4,
      around: (readModels) => ({
        ...readModels,
        write: async (...given) => {
          await readModels.write(...given);
          if (given[0].startsWith('tasks@')) await stuck.promise;
        },
      }),
    });
    await tellStore(store, runStory({ tasks: 4 }));
    const second = await start();
    await caughtUp(second);
    expect(await documentsOf(second.engine, second.readModels)).toEqual(await foldOfTheLog(store));
    stuck.resolve();
    await caughtUp(first);
    expect(await documentsOf(first.engine, first.readModels)).toEqual(await foldOfTheLog(store));
  });

  it('answer a reader who waits for what he wrote, each of them', async () => {
    const replicas = await Promise.all([start(), start(), start()]);
    const story = runStory({ tasks: 3 });
    for (let told = 0; told < story.length; told += 20) {
      await tellStore(store, story.slice(told, told + 20), told);
      const head = await store.head();
      await Promise.all(replicas.map(({ engine }) => engine.waitFor(head, 60_000)));
      const expected = await foldOfTheLog(store);
      for (const { engine, readModels } of replicas)
        expect(await documentsOf(engine, readModels)).toEqual(expected);
    }
  });
});

describe('a rebuild, with several instances', () => {
  it('is switched to by all of them, and done once for two who ask', async () => {
    const replicas = await Promise.all([start(), start()]);
    await tellStore(store, runStory({ tasks: 5, deadLetter: true }));
    await Promise.all(replicas.map(caughtUp));
    await Promise.all(replicas.map(({ engine }) => engine.rebuild('tasks')));
    await until(() => replicas.every((replica) => generationOf(replica, 'tasks') > 0));
    await Promise.all(replicas.map(({ engine }) => engine.rebuilt()));
    const [one, two] = replicas.map((replica) => generationOf(replica, 'tasks'));
    expect(one).toBe(two);
    for (const { engine, readModels } of replicas)
      expect(await documentsOf(engine, readModels)).toEqual(await foldOfTheLog(store));
  });

  it('is finished by one that came later, when the one that began it is stuck', async () => {
    await tellStore(store, runStory({ tasks: 5 }));
    const stuck = deferred<void>();
    const first = await start({
      around: (readModels) => ({
        ...readModels,
        write: async (...given) => {
          if (given[0].endsWith('.1')) await stuck.promise;
          await readModels.write(...given);
        },
      }),
    });
    await caughtUp(first);
    await first.engine.rebuild('history');
    const second = await start();
    await until(() => generationOf(second, 'history') === 1);
    // The first one sees it too, although its own part in it is stuck.
    await until(() => generationOf(first, 'history') === 1);
    stuck.resolve();
    await Promise.all([first, second].map(({ engine }) => engine.rebuilt()));
    await until(
      async () =>
        (await second.readModels.count({ ...second.engine.collection('history'), generation: 0 })) === 0,
    );
    for (const { engine, readModels } of [first, second])
      expect(await documentsOf(engine, readModels)).toEqual(await foldOfTheLog(store));
  });

  it('keeps the documents before it until everybody had the time to notice', async () => {
    await tellStore(store, runStory());
    const asleep = await start({ compareEveryMs: 3_600_000 });
    const first = await start({ retireAfterMs: 3_600_000 });
    await Promise.all([asleep, first].map(caughtUp));
    await first.engine.rebuild('history');
    await until(() => generationOf(first, 'history') === 1);
    expect(generationOf(asleep, 'history')).toBe(0);
    expect(await documentsOf(asleep.engine, asleep.readModels)).toEqual(await foldOfTheLog(store));
  });

  it('is seen by the first reader of an instance that was stopped meanwhile', async () => {
    await tellStore(store, runStory());
    let late = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + late };
    const asleep = await start({ compareEveryMs: 3_600_000, clock });
    const first = await start();
    await Promise.all([asleep, first].map(caughtUp));
    await first.engine.rebuild('history');
    await until(() => generationOf(first, 'history') === 1);
    await asleep.engine.fresh();
    expect(generationOf(asleep, 'history')).toBe(0);
    late = 24 * 3_600_000;
    await asleep.engine.fresh();
    expect(generationOf(asleep, 'history')).toBe(1);
  });
});

describe('documents that are gone', () => {
  const wipe = async ({ engine, readModels }: Replica): Promise<void> => {
    for (const { name } of projections) {
      const collection = engine.collection(name);
      await readModels.drop(buildName(collection, collection), [collection]);
    }
  };

  it('come back from the log by themselves while nothing happens', async () => {
    await tellStore(store, runStory({ tasks: 5, deadLetter: true }));
    const replicas = await Promise.all([start(), start({ batchSize: 5 })]);
    await Promise.all(replicas.map(caughtUp));
    const expected = await foldOfTheLog(store);
    const [{ engine, readModels } = never()] = replicas;
    await wipe({ engine, readModels });
    await until(async () => (await readModels.count(engine.collection('history'))) > 0);
    await until(
      async () => JSON.stringify(await documentsOf(engine, readModels)) === JSON.stringify(expected),
    );
  });

  it.each([1, 2, 3])('come back while events come and two instances write (%d)', async (round) => {
    const replicas = await Promise.all([start({ batchSize: round }), start({ batchSize: 5 * round })]);
    const story = runStory({ tasks: 6, deadLetter: true });
    await tellStore(store, story.slice(0, 40));
    await Promise.all(replicas.map(caughtUp));
    await Promise.all([wipe(replicas[0] ?? never()), tellStore(store, story.slice(40, 60), 40)]);
    await tellStore(store, story.slice(60), 60);
    const expected = JSON.stringify(await foldOfTheLog(store));
    for (const { engine, readModels } of replicas)
      await until(async () => JSON.stringify(await documentsOf(engine, readModels)) === expected);
    // And stay.
    await Promise.all(replicas.map(caughtUp));
    for (const { engine, readModels } of replicas)
      expect(JSON.stringify(await documentsOf(engine, readModels))).toBe(expected);
  });
});

describe('the feed', () => {
  it.each<readonly [string, () => void]>([
    [
      'breaks',
      () => {
        throw new Error('The connection was lost.');
      },
    ],
    ['ends', () => {}],
  ])('goes on after a subscription that %s', async (_, end) => {
    let left = 3;
    const breaking: EventStore = {
      ...store,
      async *subscribe(options) {
        for await (const page of store.subscribe(options)) {
          if (left > 0) {
            left -= 1;
            end();
            return;
          }
          yield page;
        }
      },
    };
    const replica = await start({ store: breaking });
    await tellStore(store, runStory());
    await caughtUp(replica);
    expect(left).toBe(0);
    expect(await documentsOf(replica.engine, replica.readModels)).toEqual(await foldOfTheLog(store));
  });

  it('stops although the database is away', async () => {
    let isAway = false;
    const { engine } = await start({
      around: (readModels) => ({
        ...readModels,
        write: async (...given) => {
          if (isAway) throw new Error('MongoDB does not answer.');
          await readModels.write(...given);
        },
      }),
    });
    isAway = true;
    await tellStore(store, runStory());
    await until(() => engine.trouble() !== null);
    await engine.stop(1_000);
  });
});

const never = (): never => {
  throw new Error('There are two.');
};
