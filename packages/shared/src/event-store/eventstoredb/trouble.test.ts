import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beginning, type RecordedEvent, verifyChain } from '../../events/index.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { EventStore } from '../port.ts';
import {
  firstRegistry,
  idsOf,
  note,
  notes,
  streamOf,
  take,
  wasTaken,
  wholeLog,
  wholeStream,
} from '../testing/made-up-events.ts';
import { connectEventStoreDb, type EventStoreDbOptions } from './connect.ts';
import { type EventStoreDbServer, startEventStoreDbServer } from './testing/index.ts';

const stream = streamOf('run', 'r_1');
const never = new AbortController().signal;

/** Sleeps a hundredth of what it is told: backoff is tried out, not waited for. */
const quickClock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal),
};

describe('EventStoreDB in trouble (gRPC test server written to the protocol)', () => {
  let server: EventStoreDbServer;
  let store: EventStore;
  const opened: EventStore[] = [];

  const open = async (options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> => {
    const url = `esdb://${server.address}?tls=false`;
    const another = await connectEventStoreDb({
      url,
      clock: quickClock,
      registry: firstRegistry,
      ...options,
    });
    opened.push(another);
    return another;
  };

  beforeEach(async () => {
    server = await startEventStoreDbServer();
    store = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await server.stop();
  });

  it('finds an append again whose answer was lost, and writes it once', async () => {
    server.faults.appends.push('lose_answer');
    expect(await store.append(stream, notes('a', 3), 'no_stream')).toMatchObject({ revision: 2 });
    expect(idsOf(await wholeLog(store))).toEqual(['a0', 'a1', 'a2']);
    expect(await store.append(stream, notes('b', 2), 2)).toMatchObject({
      revision: 4,
      alreadyRecorded: false,
    });
    expect(verifyChain(await wholeLog(store, { asRecorded: true }))).toMatchObject({
      intact: true,
      events: 5,
    });
  });

  it('sends an append again that the server refused for a while', async () => {
    server.faults.appends.push('refuse', 'refuse', 'refuse');
    expect(await store.append(stream, notes('a', 2), 'no_stream')).toMatchObject({
      revision: 1,
      alreadyRecorded: false,
    });
    expect(await wholeLog(store)).toHaveLength(2);
  });

  it('does not wait for ever for a server that takes appends and answers none', async () => {
    const hasty = await open({ answerWithinMs: 200 });
    server.faults.appends.push('stall', undefined, 'stall');
    const appended = ['a', 'b', 'c'].map((name, index) =>
      hasty.append(streamOf('run', index), notes(name, 2), 'no_stream'),
    );
    expect(await Promise.all(appended)).toMatchObject([{ revision: 1 }, { revision: 1 }, { revision: 1 }]);
    const log = await wholeLog(store, { asRecorded: true });
    expect(idsOf(log).toSorted()).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1']);
    expect(server.faults.appends).toEqual([]);
  });

  it('keeps the order of a stream, its chain and every event while answers are lost at random', async () => {
    const kinds = ['lose_answer', 'refuse', undefined] as const;
    const appended = Array.from({ length: 60 }, (_, index) => {
      const fault = kinds[index % 3];
      if (fault) server.faults.appends.push(fault);
      return store.append(streamOf('run', index % 3), notes(`e${index}-`, 2), 'any');
    });
    await Promise.all(appended);
    const log = await wholeLog(store, { asRecorded: true });
    expect(log).toHaveLength(120);
    expect(new Set(idsOf(log)).size).toBe(120);
    expect(verifyChain(log)).toMatchObject({ intact: true, events: 120 });
  });

  it('recognises events after the server has forgotten their ids', async () => {
    const first = await store.append(stream, notes('a', 3), 'no_stream');
    server.log.forgetIds();
    const fresh = await open();
    expect(await fresh.append(stream, notes('a', 3), 'no_stream')).toEqual({
      ...first,
      alreadyRecorded: true,
    });
    expect(await wholeLog(fresh)).toHaveLength(3);
  });

  it('does not let two processes win with the same events, though the server remembers ids', async () => {
    const other = await open();
    const results = await Promise.all(
      [store, other].map((one) => one.append(stream, notes('a', 2), 'no_stream')),
    );
    expect(results.map(({ alreadyRecorded }) => alreadyRecorded).toSorted()).toEqual([false, true]);
    expect(await wholeLog(store)).toHaveLength(2);
  });

  it('keeps the chain whole while several processes append to one stream', async () => {
    const stores = [store, await open(), await open()];
    await Promise.all(
      stores.flatMap((one, who) =>
        Array.from({ length: 15 }, (_, index) => one.append(stream, notes(`${who}.${index}.`, 2), 'any')),
      ),
    );
    const log = await wholeStream(store, stream, { asRecorded: true });
    expect(log).toHaveLength(90);
    expect(verifyChain(log)).toMatchObject({ intact: true, events: 90 });
  });

  it('refuses by what the server has now, not by what it remembers, and says where the stream is', async () => {
    const other = await open();
    await store.append(stream, notes('a', 1), 'no_stream');
    await other.append(stream, notes('b', 2), 0);
    expect(await wasTaken(store, stream, [note('c')], 2)).toBe(true);
    await expect(other.append(stream, [note('d')], 2)).rejects.toMatchObject({
      code: 'STREAM_REVISION_CONFLICT',
      message: expect.stringContaining('is at 3'),
    });
    await expect(store.append(streamOf('run', 'none'), [note('d')], 4)).rejects.toMatchObject({
      message: expect.stringContaining('no_stream'),
    });
  });

  it('misses and repeats nothing in a subscription that is cut again and again', async () => {
    server.faults.cutsAfter.push(...Array.from({ length: 40 }, (_, index) => index % 5));
    const following = new AbortController();
    const pages = store.subscribe({ after: beginning, batchSize: 3, signal: following.signal });
    const seen = take(pages, 60);
    const other = await open();
    for (let index = 0; index < 60; index += 1) await other.append(stream, [note(`e${index}`)], 'any');
    expect(idsOf(await seen)).toEqual(Array.from({ length: 60 }, (_, index) => `e${index}`));
    following.abort();
  });

  it('goes on over a restart in the middle of a subscription, of appends and of reads', async () => {
    const seen: RecordedEvent[] = [];
    const following = (async () => {
      for await (const { events } of store.subscribe({ after: beginning, batchSize: 7, signal: never })) {
        seen.push(...events);
        if (seen.length === 30) break;
      }
    })();
    for (let round = 0; round < 3; round += 1) {
      await store.append(stream, notes(`r${round}-`, 5), 'any');
      await server.stop();
      const appended = store.append(stream, notes(`s${round}-`, 5), 'any');
      const read = wholeStream(store, stream);
      await server.start();
      await appended;
      await read;
    }
    await following;
    expect(idsOf(seen)).toEqual(idsOf(await wholeStream(store, stream)));
    expect(new Set(idsOf(seen)).size).toBe(30);
    expect(verifyChain(await wholeLog(store, { asRecorded: true }))).toMatchObject({ intact: true });
  });

  it('ends a subscription that waits for a server that is away', async () => {
    const following = new AbortController();
    const pages = Array.fromAsync(store.subscribe({ after: beginning, signal: following.signal }));
    await server.stop();
    following.abort();
    expect(await pages).toEqual([]);
    await server.start();
  });

  it('reads on when a read is refused or cut', async () => {
    for (let index = 0; index < 3; index += 1) await store.append(stream, notes(`e${index}-`, 200), 'any');
    server.faults.refusedReads = 3;
    server.faults.cutsAfter.push(100, 0, 7);
    expect(await wholeLog(store)).toHaveLength(600);
  });

  it('skips the server’s own events and those of others, wherever they stand', async () => {
    server.write('$users', '$UserCreated');
    server.write('orders-1', 'note.taken', '{"text":"not ours"}');
    server.write('run-theirs', 'note.taken', '{"text":"named like ours"}');
    expect(await store.head()).toBe(beginning);
    expect(await wholeLog(store)).toEqual([]);
    const { position } = await store.append(stream, notes('a', 2), 'no_stream');
    for (let index = 0; index < 600; index += 1) server.write('run-theirs', 'note.taken', 'not json');
    expect(await store.head()).toBe(position);
    expect(idsOf(await wholeLog(store))).toEqual(['a0', 'a1']);
    expect(idsOf(await wholeLog(store, { direction: 'backwards', limit: 1 }))).toEqual(['a1']);
    expect(await wholeStream(store, streamOf('run', 'theirs'))).toEqual([]);
    await store.append(stream, [note('b')], 1);
    expect(idsOf(await wholeLog(store, { filter: { types: ['note.taken'] } }))).toEqual(['a0', 'a1', 'b']);
    expect(idsOf(await take(store.subscribe({ after: beginning, signal: never }), 3))).toEqual([
      'a0',
      'a1',
      'b',
    ]);
  });

  it('keeps installations in one database apart by their namespaces', async () => {
    const [one, two] = [await open({ namespace: 'one' }), await open({ namespace: 'two' })];
    await one.append(stream, notes('a', 2), 'no_stream');
    await two.append(stream, notes('b', 1), 'no_stream');
    expect(await store.head()).toBe(beginning);
    const follow = (which: EventStore) => which.subscribe({ after: beginning, signal: never });
    expect([idsOf(await take(follow(one), 2)), idsOf(await take(follow(two), 1))]).toEqual([
      ['a0', 'a1'],
      ['b0'],
    ]);
    const filter = { types: ['note.taken'] };
    expect([idsOf(await wholeLog(one, { filter })), idsOf(await wholeLog(two))]).toEqual([
      ['a0', 'a1'],
      ['b0'],
    ]);
    await expect(open({ namespace: 'Not-one' })).rejects.toMatchObject({ code: 'INVALID_NAMESPACE' });
  });

  it('refuses a big event by name, and lets the others through', async () => {
    const tooBig = { code: 'EVENT_TOO_LARGE', advice: expect.stringContaining('blob') };
    const big = note('big', 'x'.repeat(1_100_000));
    const [refused, taken] = await Promise.allSettled([
      store.append(stream, [note('small'), big], 'no_stream'),
      store.append(streamOf('run', 'r_2'), [note('other')], 'no_stream'),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: tooBig });
    expect(taken.status).toBe('fulfilled');
    // The server's own limit is lower than we were told.
    const misled = await open({ maxAppendBytes: 5_000_000 });
    await expect(misled.append(stream, [big], 'no_stream')).rejects.toMatchObject(tooBig);
    expect(await misled.append(stream, [note('small')], 'no_stream')).toMatchObject({ revision: 0 });
  });

  it('gives up in the end, and says what to do', async () => {
    const hasty = await open({ patienceMs: 200 });
    await server.stop();
    const away = {
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining('EventStoreDB at 127.0.0.1:'),
    };
    await expect(hasty.append(stream, [note('a')], 'any')).rejects.toMatchObject(away);
    await expect(hasty.append(stream, [note('a')], 'no_stream')).rejects.toMatchObject({
      ...away,
      advice: expect.stringContaining('recognised'),
    });
    await expect(wholeLog(hasty)).rejects.toMatchObject(away);
    await server.start();
    expect(await hasty.append(stream, [note('a')], 'no_stream')).toMatchObject({ revision: 0 });
  });
});
