import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asPosition } from '@partitura/shared/events';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { defineProjection, type Projected, type Projection } from '../folding/projection.ts';
import { projections } from '../projections.ts';
import { type EngineOptions, type ProjectionEngine, projectionEngine } from './engine.ts';
import { poisonReport } from './poison.ts';

let store: EventStore;
let readModels: ReadModels;
let running: ProjectionEngine[];

beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  readModels = openSqliteReadModels({ path: ':memory:' });
  running = [];
});
afterEach(async () => {
  for (const engine of running) await engine.stop(1_000);
  await readModels.close();
  await store.close();
});

const start = async (options: Partial<EngineOptions> = {}): Promise<ProjectionEngine> => {
  const clock = systemClock;
  const logger = silentLogger;
  const report = poisonReport(store, clock, logger);
  const given = { store, readModels, clock, logger, report, projections, retireAfterMs: 0 };
  const engine = projectionEngine({ ...given, ...options });
  await engine.start();
  running.push(engine);
  return engine;
};
const stop = async (engine: ProjectionEngine): Promise<void> => {
  running = running.filter((one) => one !== engine);
  await engine.stop(1_000);
};
const caughtUp = async (engine: ProjectionEngine) => engine.waitFor(await store.head(), 60_000);

const documentsOf = async (engine: ProjectionEngine): Promise<string> => {
  const all = projections.map(async ({ name }) => {
    const { items } = await readModels.find(engine.collection(name), { limit: 500 });
    return items.map((document) => JSON.stringify(document)).join('\n');
  });
  return (await Promise.all(all)).join('\n\n');
};

describe('the engine', () => {
  it('follows the log, and goes on where it was after a restart', async () => {
    const story = runStory();
    const first = await start({ batchSize: 7 });
    await tellStore(store, story.slice(0, 50));
    await caughtUp(first);
    await stop(first);
    const second = await start();
    expect(second.position() >= first.position()).toBe(true);
    await tellStore(store, story.slice(50), 50);
    await caughtUp(second);
    const { items } = await readModels.find(second.collection('history'), { limit: 500 });
    expect(items).toHaveLength(story.length);
  });

  it('makes the same documents whether it looked on or came after', async () => {
    const story = runStory({ tasks: 4 });
    const looking = await start({ batchSize: 3 });
    for (let told = 0; told < story.length; told += 25) {
      await tellStore(store, story.slice(told, told + 25), told);
      await caughtUp(looking);
    }
    const live = await documentsOf(looking);
    await stop(looking);
    await readModels.close();
    readModels = openSqliteReadModels({ path: ':memory:' });
    const late = await start();
    await caughtUp(late);
    expect(await documentsOf(late)).toBe(live);
  });

  it('works beside another instance: what one stored, the other does not store again', async () => {
    const engines = [await start({ batchSize: 5 }), await start({ batchSize: 9 })];
    await tellStore(store, runStory({ tasks: 4 }));
    await Promise.all(engines.map(caughtUp));
    const { items } = await readModels.find(engines[0]?.collection('costs') ?? never(), { limit: 5 });
    expect(items).toMatchObject([{ total: { calls: 6, inputTokens: 3_500 } }]);
  });

  it('goes on without an event that a reducer cannot take, and says so in the log', async () => {
    const picky: Projection = defineProjection<Projected>({
      name: 'picky',
      version: 1,
      indexes: [],
      keys: () => ['one'],
      begins: { 'run.created': (_, { position }, id) => ({ id, position }) },
      changes: {
        'run.started': () => {
          throw new Error('Not this one.');
        },
        'run.completed': (document) => document,
      },
    });
    const engine = await start({ projections: [picky] });
    await tellStore(store, runStory());
    await caughtUp(engine);
    expect(engine.trouble()).toBeNull();
    const [page] = await Array.fromAsync(store.readAll({ filter: { categories: ['processor'] } }));
    expect(page?.events).toMatchObject([
      { type: 'processor.event_parked', data: { processor: 'projections.picky', eventType: 'run.started' } },
    ]);
  });

  it('takes nothing after a gap when the documents are wiped while a page is on its way', async () => {
    const story = runStory({ tasks: 4 });
    let trouble: 'none' | 'wiped' | 'away' = 'none';
    const wipe = async (): Promise<void> => {
      for (const { name } of projections) {
        const collection = engine.collection(name);
        await readModels.drop(`${name}@${collection.version}.${collection.generation}`, [collection]);
      }
    };
    // Some have noticed that they have to go back, when the page is taken once more because others could not be written.
    const wiped: ReadModels = {
      ...readModels,
      write: async (name, ...given) => {
        if (trouble === 'wiped') await wipe();
        if (trouble === 'wiped') trouble = 'away';
        else if (trouble === 'away') {
          trouble = 'none';
          throw new Error('It is away.');
        }
        await readModels.write(name, ...given);
      },
    };
    const engine = await start({ readModels: wiped, batchSize: 9, compareEveryMs: 5 });
    const middle = Math.floor(story.length / 2);
    await tellStore(store, story.slice(0, middle));
    await caughtUp(engine);
    trouble = 'wiped';
    await tellStore(store, story.slice(middle), middle);
    await caughtUp(engine);
    const built = await documentsOf(engine);
    await stop(engine);
    await readModels.close();

    readModels = openSqliteReadModels({ path: ':memory:' });
    const anew = await start();
    await caughtUp(anew);
    expect([trouble, built]).toEqual(['none', await documentsOf(anew)]);
  });

  it('tries again when the documents cannot be written, and loses nothing', async () => {
    const clock = virtualClock({ automatic: true });
    let failures = 3;
    const failing: ReadModels = {
      ...readModels,
      write: async (...given) => {
        if (failures-- > 0) throw new Error('The disk is full.');
        await readModels.write(...given);
      },
    };
    const engine = await start({ readModels: failing, clock });
    await tellStore(store, runStory());
    await start({ readModels: openSqliteReadModels({ path: ':memory:' }) }).then(caughtUp);
    await engine.waitFor(await store.head(), 3_600_000);
    expect(failures).toBeLessThan(0);
    expect(engine.trouble()).toBeNull();
    expect(await readModels.count(engine.collection('history'))).toBe(runStory().length);
  });
});

const never = (): never => {
  throw new Error('There are two engines.');
};

describe('waiting for a position', () => {
  it('ends as soon as it is there', async () => {
    const engine = await start({ clock: virtualClock() });
    const head = asPosition('0000000000000003');
    const waiting = engine.waitFor(head, 1_000);
    await tellStore(store, runStory().slice(0, 5));
    await waiting;
    expect(engine.position() >= head).toBe(true);
  });

  it('is bounded, and says how far it is', async () => {
    const clock = virtualClock();
    const engine = await start({ clock });
    const waiting = engine.waitFor(asPosition('9'), 1_000);
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND' });
    await clock.advance(1_000);
    await outcome;
  });

  it('ends when the engine stops', async () => {
    const engine = await start({ clock: virtualClock() });
    const outcome = expect(engine.waitFor(asPosition('9'), 1_000)).rejects.toMatchObject({
      code: 'READ_MODEL_BEHIND',
    });
    await stop(engine);
    await outcome;
  });
});

describe('a rebuild', () => {
  it('of every read model ends with the very documents that were live', async () => {
    const engine = await start();
    await tellStore(store, runStory({ tasks: 5, deadLetter: true }));
    await caughtUp(engine);
    const before = await documentsOf(engine);
    for (const { name } of projections) await engine.rebuild(name);
    expect(engine.progress().filter(({ status }) => status === 'rebuilding')).toHaveLength(
      projections.length,
    );
    await engine.rebuilt();
    expect(projections.map(({ name }) => engine.collection(name).generation)).toEqual(
      projections.map(() => 1),
    );
    expect(await documentsOf(engine)).toBe(before);
    expect(await readModels.count({ ...engine.collection('tasks'), generation: 0 })).toBe(0);
  });

  it('mends documents that went wrong, while events go on coming', async () => {
    const story = runStory({ tasks: 5 });
    const engine = await start({ batchSize: 4 });
    await tellStore(store, story.slice(0, 90));
    await caughtUp(engine);
    await engine.rebuild('history');
    await tellStore(store, story.slice(90), 90);
    await engine.rebuilt();
    await caughtUp(engine);
    expect(engine.collection('history').generation).toBe(1);
    expect(await readModels.count(engine.collection('history'))).toBe(story.length);
  });

  it('goes on after a crash', async () => {
    await tellStore(store, runStory({ tasks: 5 }));
    const first = await start();
    await caughtUp(first);
    const expected = await documentsOf(first);
    await first.rebuild('tasks');
    await stop(first);
    const second = await start();
    await second.rebuilt();
    await caughtUp(second);
    expect(second.collection('tasks').generation).toBe(1);
    expect(await documentsOf(second)).toBe(expected);
  });

  it('that was switched to before the crash is not begun again', async () => {
    await tellStore(store, runStory());
    const crashing: ReadModels = {
      ...readModels,
      activate: async (collection) => {
        await readModels.activate(collection);
        if (collection.generation === 1) throw new Error('The power is gone.');
      },
    };
    const first = await start({ readModels: crashing });
    await caughtUp(first);
    await first.rebuild('runs');
    await stop(first);
    const second = await start();
    await second.rebuilt();
    expect(second.progress().filter(({ status }) => status === 'rebuilding')).toEqual([]);
    expect(await readModels.count(second.collection('runs'))).toBe(1);
    expect(await readModels.count({ ...second.collection('runs'), generation: 0 })).toBe(0);
  });

  it('of a read model that does not exist is refused', async () => {
    const engine = await start();
    await expect(engine.rebuild('nothing')).rejects.toMatchObject({ code: 'PROJECTION_NOT_FOUND' });
  });

  it('happens by itself when the reducer has another version', async () => {
    await tellStore(store, runStory());
    const first = await start();
    await caughtUp(first);
    await stop(first);
    const next = projections.map((projection) =>
      projection.name === 'comments' ? { ...projection, version: 9 } : projection,
    );
    const second = await start({ projections: next });
    await caughtUp(second);
    expect(second.collection('comments')).toMatchObject({ version: 9, generation: 0 });
    expect(await readModels.count(second.collection('comments'))).toBe(3);
  });
});
