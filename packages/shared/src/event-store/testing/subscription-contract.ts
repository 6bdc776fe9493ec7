import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asRunId, beginning, type Position, type RecordedEvent, verifyChain } from '../../events/index.ts';
import type { EventStore } from '../port.ts';
import {
  firstRegistry,
  idsOf,
  note,
  notes,
  secondRegistry,
  streamOf,
  take,
  wholeLog,
  wholeStream,
} from './made-up-events.ts';
import type { EventStoreUnderTest } from './under-test.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);
const never = new AbortController().signal;

/** Catching up, then live; and what a restart keeps. */
export const subscriptionContract = (
  current: () => EventStore,
  underTest: () => EventStoreUnderTest,
): void => {
  const stream = streamOf('run', 'r_1');

  it('catches up, then goes on live', async () => {
    const store = current();
    await store.append(stream, notes('e', 3), 'no_stream');
    const subscription = take(store.subscribe({ after: beginning, signal: never }), 6);
    for (let index = 3; index < 6; index += 1) await store.append(stream, [note(`e${index}`)], 'any');
    expect(idsOf(await subscription)).toEqual(numbered(6));
  });

  it('misses and doubles nothing where catching up turns into going on, however it falls', async () => {
    const store = current();
    const total = 1_200;
    const readers = [1, 7, 256].map((batchSize) =>
      take(store.subscribe({ after: beginning, batchSize, signal: never }), total),
    );
    for (let next = 0; next < total; next += 12) {
      await Promise.all(
        numbered(12).map((_, offset) =>
          store.append(streamOf('run', (next + offset) % 5), [note(`e${next + offset}`)], 'any'),
        ),
      );
      if (next === 600)
        readers.push(take(store.subscribe({ after: beginning, batchSize: 50, signal: never }), total));
    }
    const order = idsOf(await wholeLog(store));
    expect(order).toHaveLength(total);
    for (const events of await Promise.all(readers)) expect(idsOf(events)).toEqual(order);
  });

  it('brings only what the filter lets pass, live too, and a position past what it held back', async () => {
    const store = current();
    const positions: Position[] = [];
    const wanted = store.subscribe({ after: beginning, filter: { categories: ['agent'] }, signal: never });
    const seen: RecordedEvent[] = [];
    const reading = (async () => {
      for await (const page of wanted) {
        seen.push(...page.events);
        positions.push(page.position);
        if (seen.length === 3) break;
      }
    })();
    for (let index = 0; index < 3; index += 1) {
      await store.append(stream, notes(`n${index}-`, 5), 'any');
      await store.append(
        streamOf('agent', index),
        [{ ...note(`a${index}`), type: 'agent.noted' }],
        'no_stream',
      );
    }
    await reading;
    expect(idsOf(seen)).toEqual(['a0', 'a1', 'a2']);
    expect(positions.toSorted()).toEqual(positions);
    expect(positions.every((position, index) => position >= (seen[index]?.position ?? ''))).toBe(true);
  });

  it('brings to those who follow exactly what a later read gives, whatever the data is', async () => {
    const store = current();
    const secret = `ptk_live_${'a'.repeat(24)}`;
    const awkward: unknown[] = [
      -0,
      1e300,
      'line\nbreak \u2028 "quoted" \ud800 alone',
      secret,
      { [secret]: 1, b: [secret, null], a: { z: 1, y: [] } },
      JSON.parse('{"__proto__":{"x":1},"10":1,"9":2,"toString":3}'),
    ];
    const arbitrary = fc.sample(fc.jsonValue({ stringUnit: 'binary' }), { numRuns: 200, seed: 7 });
    const appended = [...awkward, ...arbitrary].map((more, index) => ({
      ...note(`e${index}`, `Text ${secret}`, index % 2 === 0 ? 'r1' : undefined),
      data: { text: `Text ${secret}`, more },
    }));
    const following = take(store.subscribe({ after: beginning, signal: never }), appended.length);
    const filtered = take(
      store.subscribe({ after: beginning, filter: { runId: asRunId('r1') }, signal: never }),
      Math.ceil(appended.length / 2),
    );
    for (let from = 0; from < appended.length; from += 10) {
      const events = appended.slice(from, from + 10);
      await store.append(streamOf('run', from % 3), events, 'any');
      // The caller's objects stay the caller's.
      for (const { data } of events) data.text = 'changed afterwards';
    }
    const live = await following;
    const liveOfRun = await filtered;
    await store.close();
    const again = await underTest().open(firstRegistry);
    try {
      const read = await wholeLog(again);
      expect(JSON.stringify(read)).not.toContain(secret);
      expect(live).toStrictEqual(read);
      expect(liveOfRun).toStrictEqual(read.filter(({ metadata }) => metadata.runId === 'r1'));
      expect(verifyChain(live)).toMatchObject({ intact: true, events: appended.length });
    } finally {
      await again.close();
    }
  });

  it('does not run ahead of a slow reader', async () => {
    const store = current();
    const sizes: number[] = [];
    const seen: string[] = [];
    const appending = (async () => {
      for (let index = 0; index < 200; index += 1) await store.append(stream, [note(`e${index}`)], 'any');
    })();
    for await (const { events } of store.subscribe({ after: beginning, batchSize: 10, signal: never })) {
      sizes.push(events.length);
      seen.push(...idsOf(events));
      await store.head();
      if (seen.length === 200) break;
    }
    await appending;
    expect(seen).toEqual(numbered(200));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });

  it('goes on after a restart from the position it had', async () => {
    const store = current();
    await store.append(stream, notes('e', 10), 'no_stream');
    const [page] = await Array.fromAsync(store.readAll({ limit: 4 }));
    await store.close();
    const again = await underTest().open(firstRegistry);
    try {
      const subscription = take(again.subscribe({ after: page?.position ?? beginning, signal: never }), 8);
      await again.append(stream, [note('e10'), note('e11')], 9);
      expect(idsOf(await subscription)).toEqual(numbered(12).slice(4));
    } finally {
      await again.close();
    }
  });

  it('ends when its signal aborts: before, while waiting, between pages', async () => {
    const store = current();
    await store.append(stream, notes('e', 30), 'no_stream');
    expect(await Array.fromAsync(store.subscribe({ after: beginning, signal: AbortSignal.abort() }))).toEqual(
      [],
    );

    const waiting = new AbortController();
    const caughtUp = store
      .subscribe({ after: await store.head(), signal: waiting.signal })
      [Symbol.asyncIterator]()
      .next();
    await store.head();
    waiting.abort();
    expect(await caughtUp).toEqual({ done: true, value: undefined });

    const between = new AbortController();
    const pages: number[] = [];
    for await (const { events } of store.subscribe({
      after: beginning,
      batchSize: 10,
      signal: between.signal,
    })) {
      pages.push(events.length);
      between.abort();
    }
    expect(pages).toEqual([10]);
  });

  it('ends its subscriptions when it is closed, after what was appended before is recorded', async () => {
    const store = current();
    const subscription = Array.fromAsync(store.subscribe({ after: beginning, signal: never }));
    const appended = store.append(stream, [note('last')], 'no_stream');
    await store.close();
    await expect(appended).resolves.toMatchObject({ revision: 0 });
    await subscription;
    await expect(store.append(stream, [note('late')], 'any')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(wholeStream(store, stream)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const again = await underTest().open(firstRegistry);
    expect(idsOf(await wholeStream(again, stream))).toEqual(['last']);
    await again.close();
  });

  it('knows after a restart what was appended before: revisions, ids, hashes', async () => {
    const store = current();
    const first = await store.append(stream, notes('e', 5), 'no_stream');
    await store.close();
    const again = await underTest().open(firstRegistry);
    try {
      expect(await again.append(stream, notes('e', 5), 'no_stream')).toEqual({
        ...first,
        alreadyRecorded: true,
      });
      await expect(again.append(stream, [note('x')], 'no_stream')).rejects.toMatchObject({
        code: 'STREAM_REVISION_CONFLICT',
      });
      await expect(again.append(stream, [note('e4'), note('x')], 4)).rejects.toMatchObject({
        code: 'STREAM_REVISION_CONFLICT',
      });
      expect(await again.append(stream, [note('x')], 4)).toMatchObject({
        revision: 5,
        alreadyRecorded: false,
      });
      expect((await wholeStream(again, stream)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
    } finally {
      await again.close();
    }
  });

  it('gives old events in their current version, and as they were recorded when asked', async () => {
    const store = current();
    await store.append(stream, [note('old', 'one\ntwo')], 'no_stream');
    await store.close();
    const later = await underTest().open(secondRegistry);
    try {
      const written = { ...note('new'), version: 3, data: { lines: ['three'], author: 'somebody' } };
      await later.append(stream, [written], 0);
      const current = [
        { id: 'old', version: 3, data: { lines: ['one', 'two'], author: 'unknown' } },
        { id: 'new', version: 3, data: { lines: ['three'], author: 'somebody' } },
      ];
      expect(await wholeStream(later, stream)).toMatchObject(current);
      expect(await wholeLog(later)).toMatchObject(current);
      expect(await take(later.subscribe({ after: beginning, signal: never }), 2)).toMatchObject(current);
      expect(await wholeStream(later, stream, { asRecorded: true })).toMatchObject([
        { version: 1, data: { text: 'one\ntwo' } },
        { version: 3 },
      ]);
    } finally {
      await later.close();
    }
    const earlier = await underTest().open(firstRegistry);
    await expect(wholeStream(earlier, stream)).rejects.toMatchObject({
      code: 'EVENT_NOT_READABLE',
      message: expect.stringContaining('version 3'),
    });
    await earlier.close();
  });
};
