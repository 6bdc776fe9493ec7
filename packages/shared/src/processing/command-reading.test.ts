import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sampleRecorder } from '../event-bus/testing/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { streamName } from '../events/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { deferred } from '../runtime/testing/index.ts';
import { commandHandler } from './command-handling.ts';
import { commanded, decider, outcomes, stream, taking, watched } from './testing/seats.ts';

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => store.close());

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
