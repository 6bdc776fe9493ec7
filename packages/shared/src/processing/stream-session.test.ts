import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { asRunId, type MergeEvent, type RecordedEvent, streamName } from '../events/index.ts';
import { PartituraError, randomIds } from '../runtime/index.ts';
import { sequentialIds, virtualClock } from '../runtime/testing/index.ts';
import { openSession, type SessionOptions } from './stream-session.ts';

const stream = streamName('merge', 'r_1');
const queued = (label: string): MergeEvent => ({
  type: 'merge.queued',
  data: { taskId: 'r_1.T1', attemptId: label, branch: label, commit: label },
});

let store: EventStore;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
});
afterEach(() => store.close());

const open = (more: Partial<SessionOptions<string[], MergeEvent>> = {}) =>
  openSession<string[], MergeEvent>({
    store,
    clock: virtualClock({ start: 0 }),
    ids: randomIds(),
    stream,
    metadata: {
      source: '/agent-runner',
      actor: 'agent:r_1.T1.a1',
      correlationId: 'r_1',
      causationId: 'claim',
      runId: asRunId('r_1'),
    },
    initial: () => [],
    evolve: (labels, event) => {
      if (event.type === 'merge.queued') labels.push(event.data.attemptId);
      return labels;
    },
    ...more,
  });

const recorded = async (): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(store.readStream(stream))).flat();
const labels = async () => (await recorded()).map(({ data }) => (data as { attemptId: string }).attemptId);

const outcomes = async (work: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(work)).map((outcome) =>
    outcome.status === 'fulfilled' ? 'done' : (outcome.reason.code ?? outcome.reason.name),
  );

describe('a session', () => {
  it('creates its stream with its first append, and folds what it appends', async () => {
    const session = await open();
    expect([session.revision(), session.position(), session.state()]).toEqual([-1, '', []]);
    await session.append([queued('a'), queued('b')]);
    expect([session.revision(), session.position()]).toEqual([1, await store.head()]);
    expect(session.state()).toEqual(['a', 'b']);
  });

  it('goes on from what there is', async () => {
    await (await open()).append([queued('a')]);
    const session = await open();
    expect([session.revision(), session.position(), session.state()]).toEqual([0, await store.head(), ['a']]);
    await session.append([queued('b')]);
    expect(await labels()).toEqual(['a', 'b']);
  });

  it('names what led to an append, and else what led to itself', async () => {
    const session = await open({ ids: sequentialIds(), clock: virtualClock({ start: 1_700_000_000_000 }) });
    await session.append([queued('a')]);
    await session.append([queued('b')], 'approval');
    expect(await recorded()).toMatchObject([
      { id: 'e_0000000001', time: '2023-11-14T22:13:20.000Z', metadata: { causationId: 'claim' } },
      { metadata: { causationId: 'approval', actor: 'agent:r_1.T1.a1' } },
    ]);
  });

  it('appends nothing for no events', async () => {
    const session = await open();
    await session.append([]);
    expect(await recorded()).toEqual([]);
  });
});

describe('the claim', () => {
  it('is had by exactly one of many who create the stream', async () => {
    const sessions = await Promise.all(Array.from({ length: 10 }, () => open()));
    const results = await outcomes(sessions.map((session, index) => session.append([queued(`${index}`)])));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(results.filter((result) => result === 'STREAM_REVISION_CONFLICT')).toHaveLength(9);
    expect(await recorded()).toHaveLength(1);
  });

  it('is not had twice by two who append the very same events', async () => {
    const [one, other] = [await open(), await open()];
    expect(await outcomes([one.append([queued('same')]), other.append([queued('same')])])).toEqual([
      'done',
      'STREAM_REVISION_CONFLICT',
    ]);
  });
});

describe('the fence', () => {
  it('refuses who was replaced, at its next append and ever after, and leaves its state as it was', async () => {
    const zombie = await open();
    await zombie.append([queued('a')]);
    const heir = await open();
    await heir.append([queued('taken over')]);
    expect(await outcomes([zombie.append([queued('b')])])).toEqual(['STREAM_REVISION_CONFLICT']);
    expect(await outcomes([zombie.append([queued('c')])])).toEqual(['STREAM_REVISION_CONFLICT']);
    expect([zombie.revision(), zombie.state()]).toEqual([0, ['a']]);
    await heir.append([queued('goes on')]);
    expect(await labels()).toEqual(['a', 'taken over', 'goes on']);
  });

  it('is not raised by a session against itself: appends that overlap wait for each other, in their order', async () => {
    const session = await open();
    const names = Array.from({ length: 20 }, (_, index) => `${index}`);
    const results = await outcomes(names.map((name) => session.append([queued(name)])));
    expect(new Set(results)).toEqual(new Set(['done']));
    expect(await labels()).toEqual(names);
    expect(session.state()).toEqual(names);
    expect(session.revision()).toBe(19);
  });

  it('lets an append that was refused for its own sake be followed by others', async () => {
    const session = await open();
    const invalid = { ...queued('x'), data: { ...queued('x').data, commit: 7 } } as never;
    const results = await outcomes([
      session.append([queued('a')]),
      session.append([invalid]),
      session.append([queued('b')]),
    ]);
    expect(results).toEqual(['done', 'INVALID_EVENT', 'done']);
    expect(session.state()).toEqual(['a', 'b']);
  });

  it('refuses a session that does not know whether its append was recorded, instead of recording twice', async () => {
    let lose = true;
    const flaky: EventStore = {
      ...store,
      append: async (...given) => {
        const result = await store.append(...given);
        if (!lose) return result;
        lose = false;
        throw new PartituraError('STORE_IO_ERROR', 'committed, but nobody was told');
      },
    };
    const session = await open({ store: flaky });
    expect(await outcomes([session.append([queued('a')])])).toEqual(['STORE_IO_ERROR']);
    expect(await outcomes([session.append([queued('a')])])).toEqual(['STREAM_REVISION_CONFLICT']);
    expect(await labels()).toEqual(['a']);
    // Whoever opens the stream again finds it, and goes on.
    expect((await open()).state()).toEqual(['a']);
  });
});
