import { afterEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { type MergeEvent, noUsage, type RunEvent, streamName, versionOf } from '@partitura/shared/events';
import { inProcessJobQueue, type JobQueue } from '@partitura/shared/job-queue';
import { PartituraError, randomIds, silentLogger } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { mergeSweep } from './merge-sweep.ts';

const ids = randomIds();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const append = async (
  store: EventStore,
  clock: VirtualClock,
  stream: ReturnType<typeof streamName>,
  ...events: readonly (MergeEvent | RunEvent)[]
): Promise<void> => {
  const metadata = { source: '/test', actor: 'service:test', correlationId: 'r1', causationId: null };
  const recorded = events.map(({ type, data }) => ({
    id: ids.next('e'),
    type,
    data,
    version: versionOf(type),
    time: new Date(clock.now()).toISOString(),
    metadata,
  }));
  await store.append(stream, recorded, 'any');
};

const merge = streamName('merge', 'r1');
const run = streamName('run', 'r1');
const queued = (key: string): MergeEvent => ({
  type: 'merge.queued',
  data: { taskId: `r1.${key}`, attemptId: `r1.${key}.a1`, branch: key, commit: 'c' },
});
const completed = (key: string): MergeEvent => ({
  type: 'merge.completed',
  data: { taskId: `r1.${key}`, attemptId: `r1.${key}.a1`, commit: 'c', checks: [] },
});

/** A queue without workers that can be wiped, and be away. */
const scene = async () => {
  const clock = virtualClock();
  const store = openSqliteEventStore({ path: ':memory:' });
  const offered: string[] = [];
  let away = false;
  const inner = inProcessJobQueue({ clock });
  const queue: JobQueue = {
    ...inner,
    enqueue: async (_, jobs) => {
      if (away) throw new PartituraError('QUEUE_UNREACHABLE', 'It does not answer.');
      offered.push(...jobs.map(({ id }) => id));
    },
  };
  const sweep = mergeSweep({ store, queue, clock, logger: silentLogger });
  closing.push(store.close, inner.close, () => sweep.stop(0));
  /** Until the sweep after it has come to its end, and sleeps again. */
  const pass = async (): Promise<void> => {
    await clock.advance(10_000);
    while (clock.sleeping() === 0) await new Promise(setImmediate);
  };
  return {
    clock,
    store,
    sweep,
    pass,
    append: (stream: typeof merge, ...events: readonly (MergeEvent | RunEvent)[]) =>
      append(store, clock, stream, ...events),
    offered: () => offered.splice(0),
    setAway: (value: boolean) => {
      away = value;
    },
  };
};

describe('the sweep of merges', () => {
  it('puts what waits on the queue again, at the start and while everything runs', async () => {
    const { sweep, append, offered, pass } = await scene();
    await append(merge, queued('T1'), queued('T2'), completed('T1'));
    await sweep.start();
    expect(offered()).toEqual(['r1.T2.a1']);
    await append(merge, queued('T3'));
    await pass();
    expect(offered()).toEqual(['r1.T2.a1', 'r1.T3.a1']);
    await append(merge, completed('T2'), completed('T3'));
    await pass();
    expect(offered()).toEqual([]);
  });

  it('leaves runs alone that are over, until they go on', async () => {
    const { sweep, append, offered, pass } = await scene();
    await append(merge, queued('T1'));
    await sweep.start();
    await append(run, { type: 'run.cancelled', data: { reason: 'Enough.', usage: noUsage } });
    offered();
    await pass();
    expect(offered()).toEqual([]);
    await append(run, { type: 'run.resumed', data: {} });
    await pass();
    expect(offered()).toEqual(['r1.T1.a1']);
  });

  it('goes on when the queue was away, and says meanwhile that it is', async () => {
    const { sweep, append, offered, pass, setAway } = await scene();
    await sweep.start();
    await append(merge, queued('T1'));
    setAway(true);
    await pass();
    expect(await sweep.health.check()).toContain('It does not answer.');
    setAway(false);
    await pass();
    expect(offered()).toEqual(['r1.T1.a1']);
    expect(await sweep.health.check()).toBeNull();
  });
});
