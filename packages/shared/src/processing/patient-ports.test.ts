import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { beginning, type EventToAppend, type RecordedEvent, streamName } from '../events/index.ts';
import { PartituraError, silentLogger } from '../runtime/index.ts';
import { virtualClock } from '../runtime/testing/index.ts';
import { patience } from './patience.ts';
import { patientStore } from './patient-ports.ts';

const stream = streamName('merge', 'r_1');
const queued = (label: string): EventToAppend => ({
  id: label,
  type: 'merge.queued',
  version: 1,
  data: { taskId: label, attemptId: label, branch: label, commit: label },
  time: '2026-01-01T00:00:00.000Z',
  metadata: { source: '/test', actor: 'user:test', correlationId: 'r_1', causationId: null },
});
const away = () => new PartituraError('STORE_UNREACHABLE', 'It does not answer.');
const idsOf = (events: readonly RecordedEvent[]): string[] => events.map(({ id }) => id);

let inner: EventStore;
beforeEach(() => {
  inner = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => inner.close());

const patient = (store: EventStore, stopping = new AbortController()) => {
  const clock = virtualClock({ automatic: true });
  return patientStore(store, patience({ clock, logger: silentLogger, signal: stopping.signal }));
};

/** Hands over one page of one event, then breaks off, until there is nothing more. */
const breakingOff = <Page>(pages: AsyncIterable<Page>): AsyncIterable<Page> => ({
  async *[Symbol.asyncIterator]() {
    for await (const page of pages) {
      yield page;
      throw away();
    }
  },
});

describe('a store that is away', () => {
  it('gets an append again until it answers, and records it once', async () => {
    let failures = 0;
    const store = patient({
      ...inner,
      append: async (...append) => {
        failures += 1;
        if (failures < 3) throw away();
        const result = await inner.append(...append);
        // Written, and the answer is lost.
        if (failures === 3) throw away();
        return result;
      },
    });
    expect(await store.append(stream, [queued('a')], 'no_stream')).toMatchObject({ revision: 0 });
    expect(failures).toBe(4);
    expect(idsOf((await Array.fromAsync(inner.readStream(stream))).flat())).toEqual(['a']);
  });

  it('is read on from where it broke off, each event once, both ways and within the limit', async () => {
    await inner.append(stream, ['a', 'b', 'c', 'd'].map(queued), 'no_stream');
    const store = patient({
      ...inner,
      readStream: (name, options) => breakingOff(inner.readStream(name, { ...options, limit: 1 })),
      readAll: (options) => breakingOff(inner.readAll({ ...options, limit: 1 })),
      subscribe: (options) => breakingOff(inner.subscribe({ ...options, batchSize: 1 })),
    });
    const read = async (pages: AsyncIterable<readonly RecordedEvent[]>) =>
      idsOf((await Array.fromAsync(pages)).flat());
    expect(await read(store.readStream(stream, { limit: 3 }))).toEqual(['a', 'b', 'c']);
    expect(await read(store.readStream(stream, { from: 2 }))).toEqual(['c', 'd']);
    expect(await read(store.readStream(stream, { direction: 'backwards', limit: 2 }))).toEqual(['d', 'c']);
    expect(await read(store.readStream(stream, { direction: 'backwards' }))).toEqual(['d', 'c', 'b', 'a']);
    const pages = await Array.fromAsync(store.readAll());
    expect(idsOf(pages.flatMap(({ events }) => events))).toEqual(['a', 'b', 'c', 'd']);
    const stopping = new AbortController();
    const seen: string[] = [];
    for await (const { events } of store.subscribe({ after: beginning, signal: stopping.signal })) {
      seen.push(...idsOf(events));
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not waited for when it says that the append is wrong, when it is closed, or when nobody waits any more', async () => {
    await inner.append(stream, [queued('a')], 'no_stream');
    await expect(patient(inner).append(stream, [queued('b')], 'no_stream')).rejects.toMatchObject({
      code: 'STREAM_REVISION_CONFLICT',
    });
    const closed = { ...inner, head: () => Promise.reject(new PartituraError('STORE_CLOSED', 'Closed.')) };
    await expect(patient(closed).head()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const stopping = new AbortController();
    let tries = 0;
    const gone = patient(
      {
        ...inner,
        head: () => {
          tries += 1;
          if (tries === 3) stopping.abort();
          return Promise.reject(away());
        },
      },
      stopping,
    );
    await expect(gone.head()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(tries).toBe(3);
  });
});
