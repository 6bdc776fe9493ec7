import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleRecorder } from '../event-bus/testing/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { type MergeEvent, type StreamName, streamName } from '../events/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { commandHandler } from './command-handling.ts';
import type { Decider } from './decider.ts';
import {
  type Command,
  commanded,
  decide,
  decider,
  outcomes,
  type Seats,
  stream,
  takenIn,
  taking,
  watched,
} from './testing/seats.ts';

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => store.close());

const recordedIn = (name?: StreamName) => takenIn(store, name);

describe('two handlers of one stream', () => {
  it('that race decide again on what the other appended', async () => {
    const [one, other] = [commandHandler(store, decider(10)), commandHandler(store, decider(10))];
    const names = Array.from({ length: 20 }, (_, index) => `${index}`);
    const results = await outcomes(
      names.map((who, index) => (index % 2 ? one : other).handle(stream, taking(who))),
    );
    expect(results.filter((result) => result === 'done')).toHaveLength(10);
    expect(results.filter((result) => result === 'FULL')).toHaveLength(10);
    const recorded = await recordedIn();
    expect(new Set(recorded).size).toBe(10);
    expect((await one.read(stream)).state.taken.length).toBeLessThanOrEqual(10);
  });

  it('that both create the stream: one does, and the other goes on from it', async () => {
    const handlers = Array.from({ length: 8 }, () => commandHandler(store, decider(1)));
    const results = await outcomes(
      handlers.map((handler, index) => handler.handle(stream, taking(`${index}`))),
    );
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(await recordedIn()).toHaveLength(1);
  });

  it('do not refuse on a memory that the other has outdated', async () => {
    const picky: Decider<Seats, Command, MergeEvent> = {
      ...decider(9),
      decide: (command, { taken }) => {
        if (command.kind === 'take' && !taken.includes('key'))
          throw new PartituraError('LOCKED', 'No key yet.');
        return decide(command, { capacity: 9, taken });
      },
    };
    const [one, other] = [commandHandler(store, picky), commandHandler(store, decider(9))];
    await other.handle(stream, taking('first'));
    expect(await outcomes([one.handle(stream, taking('a'))])).toEqual(['LOCKED']);
    await other.handle(stream, taking('key'));
    expect(await outcomes([one.handle(stream, taking('a'))])).toEqual(['done']);
  });

  it('do not take a memory that the other has outdated for "nothing to do"', async () => {
    const open: Decider<Seats, Command, MergeEvent> = {
      ...decider(9),
      decide: (command, { taken }) =>
        taken.includes('signal') ? decide(command, { capacity: 9, taken }) : [],
    };
    const [one, other] = [commandHandler(store, open), commandHandler(store, decider(9))];
    await one.read(stream);
    await other.handle(stream, taking('signal'));
    expect((await one.handle(stream, taking('a'))).events).toHaveLength(1);
  });

  it('decide in the end, however often another comes first', async () => {
    const { watch, store: seen } = watched(store);
    const record = sampleRecorder(store);
    let intruders = 0;
    watch.before = async () => {
      intruders += 1;
      if (intruders <= 50) await record.queued('r_1', `intruder ${intruders}`);
    };
    const handler = commandHandler(seen, decider(1_000));
    expect(await outcomes([handler.handle(stream, taking('a'))])).toEqual(['done']);
    expect(watch.appends).toBe(51);
    expect((await handler.read(stream)).state.taken).toEqual(await recordedIn());
  });

  it('read only what is new after a conflict, where the state can be copied', async () => {
    const read = { events: 0 };
    const counting: EventStore = {
      ...store,
      async *readStream(...given) {
        for await (const page of store.readStream(...given)) {
          read.events += page.length;
          yield page;
        }
      },
    };
    const copying: Decider<Seats, Command, MergeEvent> = {
      ...decider(10_000),
      copy: ({ capacity, taken }) => ({ capacity, taken: [...taken] }),
    };
    await commandHandler(store, decider(10_000)).handle(
      stream,
      commanded({ kind: 'take all', who: Array.from({ length: 1_000 }, (_, index) => `before ${index}`) }),
    );
    const [one, other] = [commandHandler(counting, copying), commandHandler(counting, copying)];
    for (let round = 0; round < 100; round += 1) {
      await one.handle(stream, taking(`one ${round}`));
      await other.handle(stream, taking(`other ${round}`));
    }
    // Each folds all of it when it comes and when it loses for the first time; folded each time it would be 200,000.
    expect(read.events).toBeLessThan(5_000);
    const recorded = await recordedIn();
    expect(recorded).toHaveLength(1_200);
    expect((await one.read(stream, { fresh: true })).state.taken).toEqual(recorded);
    expect((await other.read(stream, { fresh: true })).state.taken).toEqual(recorded);
  });

  it('let each other in, however busy one of them is', async () => {
    const far: EventStore = {
      ...store,
      append: async (...given) => {
        await setTimeout(1);
        const appended = store.append(...given);
        await Promise.all([appended.catch(() => {}), setTimeout(1)]);
        return appended;
      },
      async *readStream(...given) {
        await setTimeout(1);
        const pages = await Array.fromAsync(store.readStream(...given));
        await setTimeout(1);
        yield* pages;
      },
    };
    const [busy, other] = [commandHandler(far, decider(1e6)), commandHandler(far, decider(1e6))];
    let isDone = false;
    const producers = Array.from({ length: 10 }, async (_, producer) => {
      for (let count = 0; !isDone; count += 1) await busy.handle(stream, taking(`${producer} ${count}`));
    });
    await other.handle(stream, taking('a guest'));
    isDone = true;
    await Promise.all(producers);
    expect(await recordedIn()).toContain('a guest');
  });
});

describe('any number of handlers, whatever they race for', () => {
  it('never let more in than there is room for, and tell each the truth', async () => {
    const schedule = fc.array(
      fc.record({ handler: fc.nat(2), who: fc.nat(12), turns: fc.nat(2), stream: fc.nat(1) }),
      { maxLength: 40 },
    );
    let attempts = 0;
    await fc.assert(
      fc.asyncProperty(schedule, fc.integer({ min: 0, max: 6 }), async (steps, capacity) => {
        attempts += 1;
        const name = (index: number) => streamName('merge', `race-${attempts}-${index}`);
        const handlers = Array.from({ length: 3 }, () => commandHandler(store, decider(capacity)));
        const asked: { who: string; stream: StreamName; done: Promise<unknown> }[] = [];
        for (const step of steps) {
          const at = name(step.stream);
          const who = `${step.who}`;
          const done = handlers[step.handler]?.handle(at, taking(who)) ?? Promise.resolve();
          done.catch(() => {});
          asked.push({ who, stream: at, done });
          for (let turn = 0; turn < step.turns; turn += 1) await nextTurn();
        }
        const results = await outcomes(asked.map(({ done }) => done));
        for (const at of [name(0), name(1)]) {
          const recorded = await recordedIn(at);
          expect(recorded.length).toBeLessThanOrEqual(capacity);
          expect(new Set(recorded).size).toBe(recorded.length);
          asked.forEach(({ who, stream: own }, index) => {
            if (own === at)
              expect([who, results[index]]).toEqual([who, recorded.includes(who) ? 'done' : 'FULL']);
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
