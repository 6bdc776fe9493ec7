import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleRecorder } from '../event-bus/testing/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { asRunId, type MergeEvent, type StreamName, streamName } from '../events/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { deferred } from '../runtime/testing/index.ts';
import type { CommandEnvelope } from './command-envelope.ts';
import { commandHandler } from './command-handling.ts';
import type { Decider } from './decider.ts';

/** A shop with so many seats: what is queued in the merge stream is a seat taken, and nobody takes one twice. */
type Seats = { readonly capacity: number; readonly taken: string[] };
type Command =
  | { kind: 'take'; who: string }
  | { kind: 'take all'; who: readonly string[] }
  | { kind: 'break'; how: 'decide' | 'evolve' | 'consequence' | 'contract' };

const queued = (who: string): MergeEvent => ({
  type: 'merge.queued',
  data: { taskId: 'seat', attemptId: who, branch: who, commit: who },
});

const broken: MergeEvent = {
  type: 'merge.queued',
  data: { taskId: 'seat', attemptId: 'evolve', branch: 'evolve', commit: '' },
};

const take = (who: string, { capacity, taken }: Seats): readonly MergeEvent[] => {
  if (taken.includes(who)) return [];
  if (taken.length >= capacity) throw new PartituraError('FULL', `There is no seat for ${who}.`);
  return [queued(who)];
};

const decide = (command: Command, seats: Seats): readonly MergeEvent[] => {
  switch (command.kind) {
    case 'take':
      return take(command.who, seats);
    case 'take all':
      return command.who.map(queued);
    case 'break':
      if (command.how === 'decide') throw new TypeError('a defect in decide');
      if (command.how === 'evolve') return [queued('half'), broken];
      if (command.how === 'contract')
        return [{ ...queued('x'), data: { ...queued('x').data, commit: 7 } } as never];
      return [queued('cause')];
  }
};

const decider = (capacity: number): Decider<Seats, Command, MergeEvent> => ({
  initial: () => ({ capacity, taken: [] }),
  decide,
  consequences: (command) => {
    if (command.kind === 'break' && command.how === 'consequence')
      throw new PartituraError('FULL', 'A consequence refuses.');
    return [];
  },
  // Changes the state it is given, as real ones do.
  evolve: (seats, event) => {
    if (event === broken) throw new TypeError('a defect in evolve');
    if (event.type === 'merge.queued') seats.taken.push(event.data.attemptId);
    return seats;
  },
});

const stream = streamName('merge', 'r_1');

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => store.close());

const commanded = (
  command: Command,
  more: Partial<CommandEnvelope<Command>> = {},
): CommandEnvelope<Command> => ({
  command,
  commandId: command.kind === 'take' ? `take/${command.who}` : `${command.kind}/${JSON.stringify(command)}`,
  metadata: {
    source: '/test',
    actor: 'service:test',
    correlationId: 'r_1',
    causationId: null,
    runId: asRunId('r_1'),
  },
  at: 1_700_000_000_000,
  ...more,
});
const taking = (who: string, more: Partial<CommandEnvelope<Command>> = {}) =>
  commanded({ kind: 'take', who }, more);

const recordedIn = async (name: StreamName = stream): Promise<readonly string[]> =>
  (await Array.fromAsync(store.readStream(name)))
    .flat()
    .map(({ data }) => (data as { attemptId: string }).attemptId);

/** Counts appends, and lets a test hold or fail them. */
const watched = (inner: EventStore) => {
  const watch = { appends: 0, before: async (): Promise<void> => {}, after: async (): Promise<void> => {} };
  const watchedStore: EventStore = {
    ...inner,
    append: async (...given) => {
      watch.appends += 1;
      await watch.before();
      const result = await inner.append(...given);
      await watch.after();
      return result;
    },
  };
  return { watch, store: watchedStore };
};

const outcomes = async (work: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(work)).map((outcome) =>
    outcome.status === 'fulfilled' ? 'done' : (outcome.reason.code ?? outcome.reason.name),
  );

describe('commands on one stream', () => {
  it('that come in one turn are decided on in their order and appended together', async () => {
    const { watch, store: seen } = watched(store);
    const handler = commandHandler(seen, decider(100));
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    const results = await Promise.all(names.map((who) => handler.handle(stream, taking(who))));
    expect(watch.appends).toBe(1);
    expect(await recordedIn()).toEqual(names);
    expect(results.every(({ revision }) => revision === 49)).toBe(true);
    expect(results.map(({ events }) => events.length)).toEqual(names.map(() => 1));
    expect(results[0]?.position).toBe(await store.head());
  });

  it('that come while others are being appended go into the next append, decided on what those led to', async () => {
    const { watch, store: seen } = watched(store);
    const held = deferred<void>();
    watch.before = () => held.promise;
    const handler = commandHandler(seen, decider(2));
    const first = handler.handle(stream, taking('a'));
    await nextTurn();
    const later = ['b', 'c', 'd'].map((who) => handler.handle(stream, taking(who)));
    held.resolve();
    expect(await outcomes([first, ...later])).toEqual(['done', 'done', 'FULL', 'FULL']);
    expect(watch.appends).toBe(2);
    expect(await recordedIn()).toEqual(['a', 'b']);
  });

  it('that are refused leave the state as it was, for those before and after them in the batch', async () => {
    const handler = commandHandler(store, decider(2));
    const batch = ['a', 'b', 'c', 'a', 'd'].map((who) => handler.handle(stream, taking(who)));
    expect(await outcomes(batch)).toEqual(['done', 'done', 'FULL', 'done', 'FULL']);
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b']);
    expect(await recordedIn()).toEqual(['a', 'b']);
  });

  it('that change nothing answer with where the stream is, and append nothing', async () => {
    const { watch, store: seen } = watched(store);
    const handler = commandHandler(seen, decider(9));
    const first = await handler.handle(stream, taking('a'));
    expect(await handler.handle(stream, taking('a'))).toEqual({ ...first, events: [] });
    expect(watch.appends).toBe(1);
  });

  it.each(['decide', 'evolve', 'consequence', 'contract'] as const)(
    'that meet a defect (%s) fail alone and leave nothing behind',
    async (how) => {
      const handler = commandHandler(store, decider(9));
      await handler.handle(stream, taking('before'));
      const batch = [taking('a'), commanded({ kind: 'break', how }), taking('b')].map((envelope) =>
        handler.handle(stream, envelope),
      );
      const [first, defect, last] = await outcomes(batch);
      expect([first, last]).toEqual(['done', 'done']);
      expect(defect).not.toBe('done');
      // What a refusal of a consequence would be taken for is a state left as it was, and it was not.
      expect(defect).not.toBe('FULL');
      expect(await recordedIn()).toEqual(['before', 'a', 'b']);
      expect((await handler.read(stream)).state.taken).toEqual(['before', 'a', 'b']);
    },
  );

  it('fail when the store does, and are decided on anew when it is back', async () => {
    const { watch, store: seen } = watched(store);
    const handler = commandHandler(seen, decider(2));
    await handler.handle(stream, taking('a'));
    watch.before = async () => {
      throw new PartituraError('STORE_DISK_FULL', 'full');
    };
    const failed = ['b', 'c'].map((who) => handler.handle(stream, taking(who)));
    expect(await outcomes(failed)).toEqual(['STORE_DISK_FULL', 'STORE_DISK_FULL']);
    // Not one by one: each of them would wait for a store that is away.
    expect(watch.appends).toBe(2);
    watch.before = async () => {};
    expect((await handler.read(stream)).state.taken).toEqual(['a']);
    await handler.handle(stream, taking('b'));
    expect(await recordedIn()).toEqual(['a', 'b']);
  });
});

describe('whoever is told of changes', () => {
  it('sees the state after each append, before the command is answered, and nothing else', async () => {
    const log: string[] = [];
    const handler = commandHandler(store, decider(2), {
      onChanged: (changed, { taken }) => log.push(`${changed}: ${taken.join()}`),
    });
    const answered = (who: string) =>
      handler.handle(stream, taking(who)).then(() => log.push(`answered ${who}`));
    await Promise.all([answered('a'), answered('b')]);
    await answered('a');
    await outcomes([handler.handle(stream, taking('c'))]);
    await handler.read(stream);
    expect(log).toEqual(['merge-r_1: a,b', 'answered a', 'answered b', 'answered a']);
  });

  it('sees what was recorded before, and may let the stream go', async () => {
    const all = commanded({ kind: 'take all', who: ['a'] });
    await commandHandler(store, decider(9)).handle(stream, all);
    await sampleRecorder(store).queued('r_1', 'b');
    const log: string[] = [];
    const handler = commandHandler(store, decider(9), {
      onChanged: (changed, { taken }) => {
        log.push(taken.join());
        handler.forget(changed);
      },
    });
    // Its id is in the log; decided on anew it would take the seat twice.
    await handler.handle(stream, all);
    expect(log).toEqual(['a,b']);
    await nextTurn();
    await sampleRecorder(store).queued('r_1', 'c');
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b', 'c']);
  });
});

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

describe('the same command again', () => {
  it('is answered with what was recorded, when the answer to the first was lost', async () => {
    const { watch, store: seen } = watched(store);
    watch.after = async () => {
      throw new PartituraError('STORE_IO_ERROR', 'committed, but nobody was told');
    };
    const all = commanded({ kind: 'take all', who: ['a', 'b'] });
    expect(await outcomes([commandHandler(seen, decider(9)).handle(stream, all)])).toEqual([
      'STORE_IO_ERROR',
    ]);
    await sampleRecorder(store).queued('r_1', 'somebody else');

    const handler = commandHandler(store, decider(9));
    const again = await handler.handle(stream, all);
    expect(again.events).toEqual([queued('a'), queued('b')]);
    expect(again.revision).toBe(1);
    expect(await recordedIn()).toEqual(['a', 'b', 'somebody else']);
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b', 'somebody else']);
  });

  it('answers with what the log has of it where it would be decided otherwise now', async () => {
    const handler = commandHandler(store, decider(9));
    await handler.handle(stream, commanded({ kind: 'take all', who: ['a'] }, { commandId: 'one' }));
    const again = await handler.handle(
      stream,
      commanded({ kind: 'take all', who: ['b'] }, { commandId: 'one' }),
    );
    expect(again.events).toEqual([queued('a')]);
    expect(await recordedIn()).toEqual(['a']);
  });

  it('is answered so by another process that would refuse it now, because it was done', async () => {
    const [one, other] = [commandHandler(store, decider(1)), commandHandler(store, decider(1))];
    const first = taking('a', { commandId: 'asked twice', expectedRevision: -1 });
    await one.handle(stream, first);
    // Done already, so it is refused as outdated; the caller knows only that nobody answered.
    expect((await other.handle(stream, first)).events).toEqual([queued('a')]);
    const another = taking('b', { commandId: 'asked twice, or so' });
    expect(await outcomes([other.handle(stream, another)])).toEqual(['FULL']);
  });

  it('does not spoil a batch with new commands', async () => {
    const handler = commandHandler(store, decider(9));
    const repeated = commanded({ kind: 'take all', who: ['a', 'b'] });
    await handler.handle(stream, repeated);
    const batch = [taking('c'), repeated, taking('d')].map((envelope) => handler.handle(stream, envelope));
    expect(await outcomes(batch)).toEqual(['done', 'done', 'done']);
    expect(await recordedIn()).toEqual(['a', 'b', 'c', 'd']);
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('an expected revision', () => {
  it('lets a command through when the stream is there, and refuses it when it is not', async () => {
    const handler = commandHandler(store, decider(9));
    const absent = handler.handle(stream, taking('a', { expectedRevision: 0 }));
    expect(await outcomes([absent])).toEqual(['STALE_REVISION']);
    await handler.handle(stream, taking('a', { expectedRevision: -1 }));
    await handler.handle(stream, taking('b', { expectedRevision: 0 }));
    expect(await outcomes([handler.handle(stream, taking('c', { expectedRevision: 0 }))])).toEqual([
      'STALE_REVISION',
    ]);
    expect(await recordedIn()).toEqual(['a', 'b']);
  });

  it('counts those before it in the batch: of two who saw the same revision one wins', async () => {
    const handler = commandHandler(store, decider(9));
    await handler.handle(stream, taking('a'));
    const batch = [
      handler.handle(stream, taking('b', { expectedRevision: 0 })),
      handler.handle(stream, taking('c', { expectedRevision: 0 })),
      handler.handle(stream, taking('d', { expectedRevision: 1 })),
    ];
    expect(await outcomes(batch)).toEqual(['done', 'STALE_REVISION', 'done']);
    expect(await recordedIn()).toEqual(['a', 'b', 'd']);
  });

  it('is held against the log, not against a memory that another has outdated', async () => {
    const [one, other] = [commandHandler(store, decider(9)), commandHandler(store, decider(9))];
    await one.handle(stream, taking('a'));
    await other.handle(stream, taking('b'));
    expect(await outcomes([one.handle(stream, taking('c', { expectedRevision: 1 }))])).toEqual(['done']);
    await other.handle(stream, taking('d'));
    expect(await outcomes([one.handle(stream, taking('e', { expectedRevision: 2 }))])).toEqual([
      'STALE_REVISION',
    ]);
  });
});

describe('reading', () => {
  it('folds a stream that is not in memory, and says where it is', async () => {
    await sampleRecorder(store).queued('r_1', 'a', 'b');
    const handler = commandHandler(store, decider(9));
    const { state, revision, position } = await handler.read(stream);
    expect([state.taken, revision, position]).toEqual([['a', 'b'], 1, await store.head()]);
    expect((await handler.read(streamName('merge', 'nothing'))).revision).toBe(-1);
  });

  it('is as new as asked for: from memory, as of an event, or as the log stands', async () => {
    const [one, other] = [commandHandler(store, decider(9)), commandHandler(store, decider(9))];
    await one.handle(stream, taking('a'));
    await other.handle(stream, taking('b'));
    expect((await one.read(stream)).state.taken).toEqual(['a']);
    expect((await one.read(stream, { atLeast: 0 })).state.taken).toEqual(['a']);
    expect((await one.read(stream, { atLeast: 1 })).state.taken).toEqual(['a', 'b']);
    await other.handle(stream, taking('c'));
    const [asIs, fresh] = await Promise.all([one.read(stream), one.read(stream, { fresh: true })]);
    expect([asIs.revision, fresh.revision]).toEqual([2, 2]);
    expect(fresh.state.taken).toEqual(['a', 'b', 'c']);
  });

  it('refuses to answer with what is older than asked for: whoever read has not got it yet', async () => {
    const handler = commandHandler(store, decider(9));
    await handler.handle(stream, taking('a'));
    expect(await outcomes([handler.read(stream, { atLeast: 1 })])).toEqual(['STORE_BEHIND']);
    expect((await handler.read(stream)).state.taken).toEqual(['a']);
  });

  it('does not go on with what was half read when the store went away', async () => {
    let isAway = false;
    const failing: EventStore = {
      ...store,
      async *readStream(...given) {
        for await (const page of store.readStream(...given)) {
          yield page.slice(0, isAway ? 1 : page.length);
          if (isAway) throw new PartituraError('STORE_UNREACHABLE', 'away');
        }
      },
    };
    const handler = commandHandler(failing, decider(9));
    await handler.handle(stream, taking('a'));
    await commandHandler(store, decider(9)).handle(stream, commanded({ kind: 'take all', who: ['b', 'c'] }));
    isAway = true;
    expect(await outcomes([handler.read(stream, { fresh: true })])).toEqual(['STORE_UNREACHABLE']);
    expect(await outcomes([handler.handle(stream, taking('a'))])).toEqual(['STORE_UNREACHABLE']);
    isAway = false;
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b', 'c']);
  });

  it('never shows what is decided and not durable', async () => {
    const { watch, store: seen } = watched(store);
    const handler = commandHandler(seen, decider(9));
    await handler.handle(stream, taking('a'));
    const held = deferred<void>();
    watch.before = async () => {
      await held.promise;
      throw new PartituraError('STORE_IO_ERROR', 'not written');
    };
    const failing = handler.handle(stream, taking('b'));
    const reading = handler.read(stream).then(({ state }) => [...state.taken]);
    await nextTurn();
    held.resolve();
    expect(await outcomes([failing])).toEqual(['STORE_IO_ERROR']);
    expect(await reading).toEqual(['a']);
  });

  it('does not put an old state back over a newer one', async () => {
    const slow: EventStore = {
      ...store,
      async *readStream(...given) {
        const pages = await Array.fromAsync(store.readStream(...given));
        for (let turn = 0; turn < 3; turn += 1) await nextTurn();
        yield* pages;
      },
    };
    const handler = commandHandler(slow, decider(2));
    const reading = handler.read(stream);
    const taken = ['a', 'b'].map((who) => handler.handle(stream, taking(who)));
    await Promise.all([reading, ...taken]);
    expect(await outcomes([handler.handle(stream, taking('c'))])).toEqual(['FULL']);
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b']);
  });

  it('reports a store that cannot be read, and works when it can', async () => {
    let down = true;
    const flaky: EventStore = {
      ...store,
      readStream: (...given) => {
        if (down) throw new PartituraError('STORE_BUSY', 'busy');
        return store.readStream(...given);
      },
    };
    const handler = commandHandler(flaky, decider(2));
    expect(await outcomes([handler.read(stream), handler.handle(stream, taking('a'))])).toEqual([
      'STORE_BUSY',
      'STORE_BUSY',
    ]);
    down = false;
    expect(await outcomes([handler.handle(stream, taking('a')), handler.read(stream)])).toEqual([
      'done',
      'done',
    ]);
  });

  it('reads a forgotten stream from the log again', async () => {
    const handler = commandHandler(store, decider(2));
    await handler.handle(stream, taking('a'));
    handler.forget(stream);
    await nextTurn();
    // Behind its back: it would not see this if it still remembered.
    await sampleRecorder(store).queued('r_1', 'b');
    expect((await handler.read(stream)).state.taken).toEqual(['a', 'b']);
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
