import { expect, it } from '@jest/globals';
import { chainedText, chainHash, hashBeforeTheFirst, type RecordedEvent } from '../../events/index.ts';
import type { EventStore } from '../port.ts';
import { note, notes, secondRegistry, streamOf, take, wholeLog, wholeStream } from './made-up-events.ts';
import type { EventStoreUnderTest } from './under-test.ts';

const stream = streamOf('run', 'r_1');

/** Events as another store would have recorded them. */
const recordedElsewhere = (count: number, text = 'Elsewhere'): RecordedEvent[] => {
  let hash = hashBeforeTheFirst;
  return Array.from({ length: count }, (_, revision) => {
    const event = { ...note(`e${revision}`, `${text} ${revision}`, 'r_1'), stream, revision };
    hash = chainHash(hash, chainedText(event));
    return { ...event, hash, position: `elsewhere-${revision}` as RecordedEvent['position'] };
  });
};

const hashesOf = (events: readonly RecordedEvent[]): string[] => events.map(({ hash }) => hash);

/** How an adapter takes over what another one recorded. */
export const restoreContract = (current: () => EventStore, underTest: () => EventStoreUnderTest): void => {
  it('restores events as they were recorded, all at once or piece by piece, once', async () => {
    const store = current();
    const events = recordedElsewhere(7);
    await store.restore(stream, events.slice(0, 3));
    const result = await store.restore(stream, events);
    expect(result).toMatchObject({ revision: 6, alreadyRecorded: false });
    expect(await store.restore(stream, events.slice(2))).toEqual({ ...result, alreadyRecorded: true });
    const there = await wholeStream(store, stream, { asRecorded: true });
    expect(there.map(({ position: _, ...event }) => event)).toEqual(
      events.map(({ position: _, ...event }) => event),
    );
    await store.append(stream, [note('after')], 6);
    expect(await wholeLog(store)).toHaveLength(8);
  });

  it('takes events of versions that are not appended any more, and hands them out upcast', async () => {
    await current().close();
    const store = await underTest().open(secondRegistry);
    const stopping = new AbortController();
    const live = take(
      store.subscribe({ after: '' as RecordedEvent['position'], signal: stopping.signal }),
      2,
    );
    await store.restore(stream, recordedElsewhere(2, 'one\ntwo'));
    expect(await live).toMatchObject([{ version: 3, data: { lines: ['one', 'two 0'] } }, { version: 3 }]);
    expect(await wholeStream(store, stream, { asRecorded: true })).toMatchObject([
      { version: 1 },
      { version: 1 },
    ]);
    stopping.abort();
    await store.close();
  });

  it('refuses what was changed, what has a gap, and a stream with another past', async () => {
    const store = current();
    const events = recordedElsewhere(4);
    const changed = events.map((event) =>
      event.revision === 2 ? { ...event, data: { text: 'No.' } } : event,
    );
    const refusals: readonly (readonly [readonly RecordedEvent[], string])[] = [
      [changed, 'INVALID_EVENT'],
      [events.filter(({ revision }) => revision !== 1), 'INVALID_EVENT'],
      [events.slice(2), 'STREAM_REVISION_CONFLICT'],
    ];
    for (const [given, code] of refusals)
      await expect(store.restore(stream, given)).rejects.toMatchObject({ code });
    expect(await wholeLog(store)).toEqual([]);
    await store.append(stream, notes('mine', 2), 'no_stream');
    for (const given of [events, events.slice(2)])
      await expect(store.restore(stream, given)).rejects.toMatchObject({ code: 'STREAM_REVISION_CONFLICT' });
    expect(await wholeLog(store)).toHaveLength(2);
  });

  it('examines everything there is, and finds nothing wrong with it', async () => {
    const store = current();
    await store.restore(stream, recordedElsewhere(3));
    await store.append(streamOf('run', 'r_2'), notes('b', 300), 'no_stream');
    const pages = await Array.fromAsync(store.examine());
    expect(pages.flatMap(({ findings }) => findings)).toEqual([]);
    const events = pages.flatMap((page) => page.events);
    expect(hashesOf(events)).toEqual(hashesOf(await wholeLog(store, { asRecorded: true })));
    expect(events).toEqual(await wholeLog(store, { asRecorded: true }));
  });
};
