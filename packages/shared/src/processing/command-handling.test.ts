import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sampleRecorder } from '../event-bus/testing/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { deferred } from '../runtime/testing/index.ts';
import { commandHandler } from './command-handling.ts';
import { commanded, decider, outcomes, queued, stream, takenIn, taking, watched } from './testing/seats.ts';

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => store.close());

const recordedIn = () => takenIn(store);

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
