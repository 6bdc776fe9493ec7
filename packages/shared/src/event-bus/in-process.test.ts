import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { asPosition, beginning, type Position, type RecordedEvent } from '../events/index.ts';
import { systemClock } from '../runtime/index.ts';
import { type Recorder, recorder, virtualClock } from '../runtime/testing/index.ts';
import { CheckpointConflictError, type CheckpointStore, memoryCheckpoints } from './checkpoints.ts';
import { inProcessEventBus } from './in-process.ts';
import type { EventBus } from './port.ts';
import { sqliteCheckpoints } from './sqlite-checkpoints.ts';
import { eventBusContract, labelOf, sampleRecorder } from './testing/index.ts';

/** A store and checkpoints that are gone for one bus once it has crashed, and go on for the others. */
const mortal = (store: EventStore, checkpoints: CheckpointStore) => {
  const crashed = new AbortController();
  const alive = () => crashed.signal.throwIfAborted();
  const mortalStore: EventStore = {
    ...store,
    subscribe: (options) =>
      store.subscribe({ ...options, signal: AbortSignal.any([options.signal, crashed.signal]) }),
  };
  const mortalCheckpoints: CheckpointStore = {
    load: async (group) => {
      alive();
      return checkpoints.load(group);
    },
    advance: async (group, from, to) => {
      alive();
      return checkpoints.advance(group, from, to);
    },
  };
  return { store: mortalStore, checkpoints: mortalCheckpoints, crash: () => crashed.abort() };
};

eventBusContract('the in-process bus', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bus-'));
  const store = openSqliteEventStore({ path: ':memory:' });
  const checkpoints = sqliteCheckpoints(join(directory, 'checkpoints.db'));
  const crashes = new Map<EventBus, () => void>();
  return {
    store,
    connect: async () => {
      const { crash, ...ports } = mortal(store, checkpoints);
      const bus = inProcessEventBus({ ...ports, clock: systemClock, checkpointIntervalMs: 5 });
      crashes.set(bus, crash);
      return bus;
    },
    crash: async (bus) => crashes.get(bus)?.(),
    close: async () => {
      await store.close();
      checkpoints.close();
      await rm(directory, { recursive: true });
    },
  };
});

const labelsInto =
  (seen: Recorder<string>, prefix = '') =>
  async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events) seen.add(`${prefix}${labelOf(event)}`);
  };

describe('the in-process bus', () => {
  const setUp = (counting: { advances: number; refuse?: boolean }) => {
    const clock = virtualClock();
    const store = openSqliteEventStore({ path: ':memory:' });
    const inner = memoryCheckpoints();
    const checkpoints: CheckpointStore = {
      load: inner.load,
      advance: async (...given) => {
        counting.advances += 1;
        if (counting.refuse) throw new Error('the disk is full');
        await inner.advance(...given);
      },
    };
    return { clock, store, checkpoints, inner, bus: inProcessEventBus({ store, checkpoints, clock }) };
  };

  it('stores many small batches as one checkpoint, a moment later', async () => {
    const counting = { advances: 0 };
    const { bus, store, clock, inner } = setUp(counting);
    const seen = recorder<string>();
    await bus.subscribe({
      group: 'group',
      startFrom: 'beginning',
      handle: labelsInto(seen),
    });
    for (let index = 0; index < 20; index += 1) await sampleRecorder(store).queued('r_1', `${index}`);
    await seen.reached(20);
    await nextTurn();
    expect(counting.advances).toBe(0);
    await clock.advance(50);
    expect(counting.advances).toBe(1);
    expect(await inner.load('group')).toBe(await store.head());
    await clock.advance(10_000);
    expect(counting.advances).toBe(1);
    await bus.close();
    expect(counting.advances).toBe(1);
    expect(clock.sleeping()).toBe(0);
    await store.close();
  });

  it('goes on when a checkpoint cannot be stored, and stores it when it can', async () => {
    const counting = { advances: 0, refuse: true };
    const { bus, store, clock, inner } = setUp(counting);
    const seen = recorder<string>();
    await bus.subscribe({
      group: 'group',
      startFrom: 'beginning',
      handle: labelsInto(seen),
    });
    await sampleRecorder(store).queued('r_1', 'a');
    await seen.reached(1);
    await clock.advance(50);
    expect(await inner.load('group')).toBeNull();
    counting.refuse = false;
    await sampleRecorder(store).queued('r_1', 'b');
    await seen.reached(2);
    await clock.advance(50);
    expect(await inner.load('group')).toBe(await store.head());
    await bus.close();
    await store.close();
  });

  it('goes on from where somebody else moved its checkpoint to', async () => {
    const { bus, store, clock, inner } = setUp({ advances: 0 });
    const record = sampleRecorder(store);
    const seen = recorder<string>();
    await record.queued('r_1', 'a');
    await bus.subscribe({
      group: 'group',
      startFrom: 'beginning',
      handle: labelsInto(seen),
    });
    await seen.reached(1);
    await record.queued('r_1', 'b');
    await seen.reached(2);
    await record.queued('r_1', 'c');
    await inner.advance('group', null, await store.head());
    await seen.reached(3);
    await clock.advance(50);
    await record.queued('r_1', 'd');
    // The conflict comes to light with the next batch, which is then read again from the stored checkpoint.
    while (seen.items.filter((label) => label === 'd').length < 2) await clock.advance(10);
    expect(seen.items).toEqual(['a', 'b', 'c', 'd', 'd']);
    await bus.close();
    expect(await inner.load('group')).toBe(await store.head());
    await store.close();
  });

  it('waits longer after each failure of a batch', async () => {
    const { bus, store, clock } = setUp({ advances: 0 });
    await sampleRecorder(store).queued('r_1', 'a');
    const start = clock.now();
    const times: number[] = [];
    await bus.subscribe({
      group: 'group',
      startFrom: 'beginning',
      handle: async () => {
        times.push(clock.now() - start);
        throw new Error('never');
      },
    });
    await clock.advance(20_000);
    expect(times.slice(0, 6)).toEqual([0, 10, 30, 70, 150, 310]);
    expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBe(5_000);
    await bus.close();
    await store.close();
  });

  it('stops who stands by at once, while the group’s work goes on', async () => {
    const { bus, store } = setUp({ advances: 0 });
    const record = sampleRecorder(store);
    const seen = recorder<string>();
    const consumer = (name: string) =>
      bus.subscribe({
        group: 'group',
        startFrom: 'beginning',
        handle: labelsInto(seen, `${name}:`),
      });
    const first = await consumer('first');
    const second = await consumer('second');
    await consumer('third');
    await record.queued('r_1', 'a');
    await seen.reached(1);
    await second.stop();
    await record.queued('r_1', 'b');
    await seen.reached(2);
    await first.stop();
    await record.queued('r_1', 'c');
    expect(await seen.reached(3)).toEqual(['first:a', 'first:b', 'third:c']);
    await bus.close();
    await store.close();
  });

  it('takes no subscription once it is closed', async () => {
    const { bus, store } = setUp({ advances: 0 });
    await bus.close();
    const late = bus.subscribe({ group: 'group', startFrom: 'now', handle: async () => {} });
    await expect(late).rejects.toMatchObject({ code: 'BUS_CLOSED' });
    await store.close();
  });
});

const checkpointStores: readonly (readonly [string, () => CheckpointStore])[] = [
  ['in memory', memoryCheckpoints],
  ['in a SQLite file', () => sqliteCheckpoints(':memory:')],
  ['in a database beside their effects', () => sqliteCheckpoints(new DatabaseSync(':memory:'))],
];

describe.each(checkpointStores)('checkpoints %s', (_, open) => {
  const [one, two] = [asPosition('1'), asPosition('2')];

  it('move by compare and set', async () => {
    const checkpoints = open();
    expect(await checkpoints.load('group')).toBeNull();
    await checkpoints.advance('group', null, one);
    await checkpoints.advance('group', one, two);
    expect(await checkpoints.load('group')).toBe(two);
    expect(await checkpoints.load('other')).toBeNull();
  });

  it.each<[string, Position | null]>([
    ['a group that has none, where there is one', null],
    ['another position', two],
    ['the beginning', beginning],
  ])('refuse whoever expects %s', async (_what, expected) => {
    const checkpoints = open();
    await checkpoints.advance('group', null, one);
    await expect(checkpoints.advance('group', expected, two)).rejects.toBeInstanceOf(CheckpointConflictError);
    expect(await checkpoints.load('group')).toBe(one);
  });

  it('refuse to move a group that has none', async () => {
    const checkpoints = open();
    await expect(checkpoints.advance('group', one, two)).rejects.toMatchObject({
      code: 'CHECKPOINT_CONFLICT',
    });
    expect(await checkpoints.load('group')).toBeNull();
  });

  it('tell the beginning from no checkpoint', async () => {
    const checkpoints = open();
    await checkpoints.advance('group', null, beginning);
    expect(await checkpoints.load('group')).toBe(beginning);
    await checkpoints.advance('group', beginning, one);
  });
});

describe('a checkpoint file', () => {
  it('is there after a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'checkpoints-'));
    const path = join(directory, 'checkpoints.db');
    const before = sqliteCheckpoints(path);
    await before.advance('group', null, asPosition('7'));
    before.close();
    const after = sqliteCheckpoints(path);
    expect(await after.load('group')).toBe('7');
    after.close();
    await rm(directory, { recursive: true });
  });
});
