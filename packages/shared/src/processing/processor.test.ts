import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type CheckpointStore, inProcessEventBus, memoryCheckpoints } from '../event-bus/index.ts';
import { labelOf, sampleRecorder } from '../event-bus/testing/index.ts';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { type RecordedEvent, streamName } from '../events/index.ts';
import { PartituraError, prometheusMetrics } from '../runtime/index.ts';
import { deferred, recorder, virtualClock } from '../runtime/testing/index.ts';
import { type ProcessorHandler, type ProcessorOptions, processor } from './processor.ts';

const away = () => new PartituraError('STORE_BUSY', 'the store is away');

const setUp = async () => {
  const clock = virtualClock({ automatic: true });
  const real = openSqliteEventStore({ path: ':memory:' });
  const outage = { appends: 0 };
  const store: EventStore = {
    ...real,
    append: async (...given) => {
      if (outage.appends > 0) {
        outage.appends -= 1;
        throw away();
      }
      return real.append(...given);
    },
  };
  const checkpoints = memoryCheckpoints();
  const buses: { close(): Promise<void> }[] = [];
  const metrics = prometheusMetrics();

  const start = async (
    handler: ProcessorHandler,
    more: Partial<ProcessorOptions> = {},
    at: CheckpointStore = checkpoints,
  ) => {
    const bus = inProcessEventBus({ store, checkpoints: at, clock });
    buses.push(bus);
    const made = processor({
      name: 'test',
      service: 'knowledge',
      bus,
      store,
      clock,
      metrics,
      filter: { categories: ['merge'] },
      ...more,
      ...handler,
    });
    await made.start();
    return made;
  };

  const parked = async (): Promise<readonly RecordedEvent[]> =>
    (await Array.fromAsync(real.readStream(streamName('processor', 'knowledge.test')))).flat();

  const close = async () => {
    for (const bus of buses) await bus.close();
    await real.close();
  };
  return { clock, store, outage, metrics, start, parked, close, record: sampleRecorder(real) };
};

/** Fails for the labels it is told, as often as it is told. */
const failing = (
  times: Readonly<Record<string, number>>,
  error: () => Error = () => new Error('cannot be handled'),
) => {
  const left = new Map(Object.entries(times));
  return (label: string): void => {
    const count = left.get(label) ?? 0;
    if (count === 0) return;
    left.set(label, count - 1);
    throw error();
  };
};

const forEver = Number.POSITIVE_INFINITY;

describe('a processor', () => {
  it('handles each event once, in order, and goes on after a restart where it stopped', async () => {
    const { start, record, close } = await setUp();
    const seen = recorder<string>();
    const handle = async (event: RecordedEvent) => seen.add(labelOf(event));
    await record.queued('r_1', 'a', 'b');
    const first = await start({ handle });
    await seen.reached(2);
    await first.stop(1_000);
    await record.queued('r_1', 'c');
    await start({ handle });
    expect(await seen.reached(3)).toEqual(['a', 'b', 'c']);
    await close();
  });

  it('tries again what failed, before anything after it', async () => {
    const { start, record, parked, close } = await setUp();
    const fail = failing({ b: 2 });
    const seen = recorder<string>();
    const handle = async (event: RecordedEvent) => {
      const label = labelOf(event);
      seen.add(label);
      fail(label);
    };
    await record.queued('r_1', 'a', 'b', 'c');
    await start({ handle });
    expect(await seen.reached(5)).toEqual(['a', 'b', 'b', 'b', 'c']);
    expect(await parked()).toEqual([]);
    await close();
  });

  it('parks a poison event and handles the rest of its batch in order', async () => {
    const { start, record, parked, metrics, close } = await setUp();
    const fail = failing({ b: forEver }, () => new PartituraError('NO_SUCH_TASK', 'There is no task b.'));
    const handled = recorder<string>();
    const handle = async (event: RecordedEvent) => {
      fail(labelOf(event));
      handled.add(labelOf(event));
    };
    await record.queued('r_1', 'a', 'b', 'c');
    await record.queued('r_1', 'd');
    const made = await start({ handle }, { retry: { attempts: 3, backoffMs: 10, maxBackoffMs: 100 } });
    expect(await handled.reached(3)).toEqual(['a', 'c', 'd']);
    while ((await made.lag()) > 0) await nextTurn();

    const [event, ...more] = await parked();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'processor.event_parked',
      data: {
        processor: 'knowledge.test',
        eventType: 'merge.queued',
        problem: { code: 'NO_SUCH_TASK', message: 'There is no task b.' },
        attempts: 3,
      },
      metadata: { source: '/knowledge', actor: 'service:knowledge', runId: 'r_1', correlationId: 'r_1' },
    });
    expect(event?.data).toHaveProperty('eventId', event?.metadata.causationId);
    const page = await metrics.text();
    expect(page).toContain('partitura_processor_parked_total{processor="knowledge.test"} 1');
    expect(page).toContain('partitura_processor_lag_events{processor="knowledge.test"} 0');
    await close();
  });

  it('takes a failing batch apart, so that only the event at fault is parked', async () => {
    const { start, record, parked, close } = await setUp();
    const fail = failing({ b: forEver });
    const batches = recorder<string>();
    const handleBatch = async (events: readonly RecordedEvent[]) => {
      const labels = events.map(labelOf);
      for (const label of labels) fail(label);
      batches.add(labels.join('+'));
    };
    await record.queued('r_1', 'a', 'b', 'c');
    await start({ handleBatch });
    await batches.reached(2);
    await record.queued('r_1', 'd', 'e');
    expect(await batches.reached(3)).toEqual(['a', 'c', 'd+e']);
    expect(await parked()).toHaveLength(1);
    await close();
  });

  it('parks nothing while what it stands on is away, however long: it says so, waits, and goes on in order', async () => {
    const { start, record, parked, close, clock } = await setUp();
    const began = clock.now();
    const fail = failing({ a: 100 }, () => new Error('wrapped', { cause: away() }));
    const handled = recorder<string>();
    const troubles = new Set<string | null>();
    const made = await start({
      handle: async (event) => {
        troubles.add(await made.health.check());
        fail(labelOf(event));
        handled.add(labelOf(event));
      },
    });
    expect(await made.health.check()).toBeNull();
    await record.queued('r_1', 'a', 'b');
    expect(await handled.reached(2)).toEqual(['a', 'b']);
    expect(clock.now() - began).toBeGreaterThan(400_000);
    expect([...troubles].join()).toContain('has handled nothing since 2026-01-01T00:00:00.000Z: wrapped');
    expect(await made.health.check()).toBeNull();
    expect(await parked()).toEqual([]);
    await close();
  });

  it('does not skip a poison event that cannot be parked because the store is down', async () => {
    const { start, record, parked, outage, close } = await setUp();
    const fail = failing({ poison: forEver });
    const handled = recorder<string>();
    await record.queued('r_1', 'poison', 'next');
    outage.appends = 20;
    await start({
      handle: async (event) => {
        fail(labelOf(event));
        handled.add(labelOf(event));
      },
    });
    expect(await handled.reached(1)).toEqual(['next']);
    expect(outage.appends).toBe(0);
    expect(await parked()).toHaveLength(1);
    await close();
  });

  it('parks an event once, though it comes again because the checkpoint was lost', async () => {
    const { start, record, parked, close } = await setUp();
    const fail = failing({ poison: forEver });
    const handled = recorder<string>();
    const handle = async (event: RecordedEvent) => {
      fail(labelOf(event));
      handled.add(labelOf(event));
    };
    await record.queued('r_1', 'poison', 'next');
    await start({ handle });
    await handled.reached(1);
    await start({ handle }, {}, memoryCheckpoints());
    expect(await handled.reached(2)).toEqual(['next', 'next']);
    expect(await parked()).toHaveLength(1);
    await close();
  });

  it('does not park the report of an event it parked', async () => {
    const { start, record, parked, close } = await setUp();
    const tried = recorder<string>();
    await record.queued('r_1', 'poison');
    const made = await start(
      {
        handle: async ({ type }) => {
          tried.add(type);
          throw new Error('handles nothing at all');
        },
      },
      {
        filter: { categories: ['merge', 'processor'] },
        retry: { attempts: 1, backoffMs: 1, maxBackoffMs: 1 },
      },
    );
    expect(await tried.reached(2)).toEqual(['merge.queued', 'processor.event_parked']);
    while ((await made.lag()) > 0) await nextTurn();
    expect(await parked()).toHaveLength(1);
    await close();
  });

  describe('when it is stopped', () => {
    it('finishes its batch', async () => {
      const { start, record, close } = await setUp();
      const release = deferred<void>();
      const begun = recorder<string>();
      await record.queued('r_1', 'a', 'b');
      const made = await start({
        handle: async (event) => {
          begun.add(labelOf(event));
          await release.promise;
        },
      });
      await begun.reached(1);
      const stopping = made.stop(forEver);
      release.resolve();
      await stopping;
      expect(begun.items).toEqual(['a', 'b']);
      await close();
    });

    it('does not wait for a pause between two tries, and keeps the event', async () => {
      const { start, record, parked, close } = await setUp();
      const tried = recorder<string>();
      await record.queued('r_1', 'a');
      const made = await start(
        {
          handle: async (event) => {
            tried.add(labelOf(event));
            throw new Error('not now');
          },
        },
        { clock: virtualClock(), retry: { attempts: 5, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 } },
      );
      await tried.reached(1);
      await made.stop(1_000);
      expect(await parked()).toEqual([]);
      const handled = recorder<string>();
      await start({ handle: async (event) => handled.add(labelOf(event)) });
      expect(await handled.reached(1)).toEqual(['a']);
      await close();
    });

    it('tells a handler that hangs when its grace is over, and comes back', async () => {
      const { start, record, close } = await setUp();
      const begun = recorder<AbortSignal>();
      const end = deferred<void>();
      await record.queued('r_1', 'a');
      const made = await start({
        handle: (_event, signal) => {
          begun.add(signal);
          return end.promise;
        },
      });
      const [signal] = await begun.reached(1);
      await made.stop(5_000);
      expect(signal?.aborted).toBe(true);
      end.resolve();
      await close();
    });
  });
});
