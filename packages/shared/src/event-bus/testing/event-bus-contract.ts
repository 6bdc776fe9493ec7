import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../../events/index.ts';
import { deferred, recorder } from '../../runtime/testing/index.ts';
import type { BusSubscription, EventBus } from '../port.ts';
import { failureScheduleProperty } from './failure-schedules.ts';
import { labelOf, sampleRecorder } from './sample-events.ts';
import type { EventBusUnderTest } from './under-test.ts';

/** What every event bus does, whatever it is made of. `open` gives an empty log for each test. */
export const eventBusContract = (name: string, open: () => Promise<EventBusUnderTest>): void => {
  describe(`${name} is an event bus`, () => {
    const withBus = (what: string, test: (opened: EventBusUnderTest, bus: EventBus) => Promise<void>) => {
      it(what, async () => {
        const opened = await open();
        const buses: EventBus[] = [];
        const connect = async () => {
          const bus = await opened.connect();
          buses.push(bus);
          return bus;
        };
        try {
          await test({ ...opened, connect }, await connect());
        } finally {
          for (const bus of buses) await bus.close();
          await opened.close();
        }
      });
    };

    const collect = (bus: EventBus, more: Partial<BusSubscription> = {}) => {
      const seen = recorder<string>();
      const handle = async (events: readonly RecordedEvent[]) => {
        for (const event of events) seen.add(labelOf(event));
      };
      const running = bus.subscribe({ group: 'group', startFrom: 'beginning', handle, ...more });
      return { seen, running };
    };

    describe('delivery', () => {
      withBus('hands over what there is, then what comes, in order', async ({ store }, bus) => {
        const record = sampleRecorder(store);
        await record.queued('r_1', 'a', 'b');
        const { seen } = collect(bus);
        await seen.reached(2);
        await record.queued('r_1', 'c');
        await record.queued('r_1', 'd', 'e');
        expect(await seen.reached(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
      });

      withBus('hands every event to each group', async ({ store }, bus) => {
        const { seen: one } = collect(bus, { group: 'one' });
        const { seen: other } = collect(bus, { group: 'other' });
        await sampleRecorder(store).queued('r_1', 'a', 'b', 'c');
        expect(await one.reached(3)).toEqual(['a', 'b', 'c']);
        expect(await other.reached(3)).toEqual(['a', 'b', 'c']);
      });

      withBus('hands over whole events', async ({ store }, bus) => {
        const seen = recorder<RecordedEvent>();
        await bus.subscribe({
          group: 'group',
          startFrom: 'beginning',
          handle: async (events) => events.forEach(seen.add),
        });
        await sampleRecorder(store).queued('r_1', 'a');
        const [received] = await seen.reached(1);
        const [page] = await Array.fromAsync(store.readAll());
        expect(received).toEqual(page?.events[0]);
      });

      withBus('hands over only what the filter asks for', async ({ store }, bus) => {
        const record = sampleRecorder(store);
        const { seen: category } = collect(bus, { group: 'category', filter: { categories: ['merge'] } });
        const { seen: type } = collect(bus, { group: 'type', filter: { types: ['merge.conflicted'] } });
        await record.parked('r_1', 'parked');
        await record.queued('r_1', 'queued');
        await record.conflicted('r_1', 'conflicted');
        await record.parked('r_1', 'parked too');
        await record.conflicted('r_1', 'last');
        expect(await category.reached(3)).toEqual(['queued', 'conflicted', 'last']);
        expect(await type.reached(2)).toEqual(['conflicted', 'last']);
      });

      withBus('hands over no more at once than it may', async ({ store }, bus) => {
        const labels = Array.from({ length: 25 }, (_, index) => `${index}`);
        await sampleRecorder(store).queued('r_1', ...labels);
        const batches = recorder<number>();
        const { seen } = collect(bus, {
          batchSize: 10,
          handle: async (events) => {
            batches.add(events.length);
            for (const event of events) seen.add(labelOf(event));
          },
        });
        expect(await seen.reached(25)).toEqual(labels);
        expect(Math.max(...batches.items)).toBeLessThanOrEqual(10);
        expect(Math.min(...batches.items)).toBeGreaterThan(0);
      });
    });

    describe('where a group begins', () => {
      withBus('begins now, from the moment the subscription stands', async ({ store }, bus) => {
        const record = sampleRecorder(store);
        await record.queued('r_1', 'before');
        const { seen, running } = collect(bus, { startFrom: 'now' });
        await running;
        await record.queued('r_1', 'after');
        expect(await seen.reached(1)).toEqual(['after']);
      });

      withBus(
        'keeps what was recorded while a group that began now was away',
        async ({ store, connect }, bus) => {
          const record = sampleRecorder(store);
          await record.queued('r_1', 'before');
          await (await collect(bus, { startFrom: 'now' }).running).stop();
          await record.queued('r_1', 'meanwhile');
          const { seen } = collect(await connect(), { startFrom: 'now' });
          expect(await seen.reached(1)).toEqual(['meanwhile']);
        },
      );

      withBus('goes on after what was handled before a stop', async ({ store, connect }, bus) => {
        const record = sampleRecorder(store);
        await record.queued('r_1', 'a', 'b');
        const first = collect(bus);
        await first.seen.reached(2);
        await (await first.running).stop();
        await record.queued('r_1', 'c');
        const again = collect(bus);
        expect(await again.seen.reached(1)).toEqual(['c']);
        await bus.close();
        await record.queued('r_1', 'd');
        const restarted = collect(await connect());
        expect(await restarted.seen.reached(1)).toEqual(['d']);
      });
    });

    describe('at least once', () => {
      withBus(
        'hands a batch over again until it is handled, and nothing after it before',
        async ({ store }, bus) => {
          const batches = recorder<readonly string[]>();
          await sampleRecorder(store).queued('r_1', 'a', 'b', 'c');
          await bus.subscribe({
            group: 'group',
            startFrom: 'beginning',
            batchSize: 2,
            handle: async (events) => {
              batches.add(events.map(labelOf));
              if (batches.items.length < 4) throw new Error('not yet');
            },
          });
          const all = await batches.reached(5);
          expect(all.slice(0, 4).every((batch) => batch[0] === 'a')).toBe(true);
          expect(all.slice(3).flat()).toEqual(['a', 'b', 'c']);
        },
      );

      withBus('hands over again what was at work in a crash', async ({ store, connect, crash }, bus) => {
        const record = sampleRecorder(store);
        const atWork = deferred<void>();
        const first = recorder<string>();
        await record.queued('r_1', 'handled');
        const running = await bus.subscribe({
          group: 'group',
          startFrom: 'beginning',
          handle: (events) => {
            for (const event of events) first.add(labelOf(event));
            return first.items.includes('at work') ? atWork.promise : Promise.resolve();
          },
        });
        await first.reached(1);
        await record.queued('r_1', 'at work');
        await first.reached(2);
        await crash(bus);
        await record.queued('r_1', 'meanwhile');

        const { seen } = collect(await connect());
        while (!seen.items.includes('meanwhile')) await seen.reached(seen.items.length + 1);
        // What was handled a moment before the crash may come once more; what was not has to.
        expect(seen.items.filter((label) => label !== 'handled')).toEqual(['at work', 'meanwhile']);
        atWork.resolve();
        await running.stop();
      });

      withBus('keeps no group waiting for another', async ({ store }, bus) => {
        const stuck = deferred<void>();
        const reached = recorder<number>();
        const { running } = collect(bus, {
          group: 'stuck',
          handle: (events) => {
            reached.add(events.length);
            return stuck.promise;
          },
        });
        await collect(bus, {
          group: 'failing',
          handle: async () => {
            throw new Error('always');
          },
        }).running;
        const { seen } = collect(bus, { group: 'well' });
        const record = sampleRecorder(store);
        await record.queued('r_1', 'a');
        await reached.reached(1);
        await record.queued('r_1', 'b');
        expect(await seen.reached(2)).toEqual(['a', 'b']);
        stuck.resolve();
        await (await running).stop();
      });
    });

    describe('one group, several consumers', () => {
      withBus(
        'gives each event to one of them, and all to the other when the one stops',
        async ({ store }, bus) => {
          const record = sampleRecorder(store);
          const all = recorder<string>();
          const handle = async (events: readonly RecordedEvent[]) => {
            for (const event of events) all.add(labelOf(event));
          };
          const one = await bus.subscribe({ group: 'group', startFrom: 'beginning', handle });
          const other = await bus.subscribe({ group: 'group', startFrom: 'beginning', handle });
          await record.queued('r_1', 'a', 'b');
          expect(await all.reached(2)).toEqual(['a', 'b']);
          await one.stop();
          await record.queued('r_1', 'c');
          expect(await all.reached(3)).toEqual(['a', 'b', 'c']);
          await other.stop();
        },
      );

      withBus('handles the events of a run one batch after the other', async ({ store }, bus) => {
        let atWork = 0;
        let overlaps = 0;
        const seen = recorder<string>();
        const handle = async (events: readonly RecordedEvent[]) => {
          atWork += 1;
          if (atWork > 1) overlaps += 1;
          await nextTurn();
          atWork -= 1;
          for (const event of events) seen.add(labelOf(event));
        };
        for (let consumer = 0; consumer < 2; consumer += 1)
          await bus.subscribe({ group: 'group', startFrom: 'beginning', batchSize: 3, handle });
        const labels = Array.from({ length: 30 }, (_, index) => `${index}`);
        for (const label of labels) await sampleRecorder(store).queued('r_1', label);
        expect(await seen.reached(30)).toEqual(labels);
        expect(overlaps).toBe(0);
      });
    });

    describe('lag and stopping', () => {
      withBus('counts what is recorded and not handled yet', async ({ store }, bus) => {
        const record = sampleRecorder(store);
        await record.queued('r_1', 'a', 'b', 'c');
        await record.parked('r_1', 'of no concern');
        const release = deferred<void>();
        const batches = recorder<number>();
        const running = await bus.subscribe({
          group: 'group',
          startFrom: 'beginning',
          filter: { categories: ['merge'] },
          batchSize: 2,
          handle: (events) => {
            batches.add(events.length);
            return release.promise;
          },
        });
        await batches.reached(1);
        expect(await running.lag()).toBe(3);
        release.resolve();
        while ((await running.lag()) > 0) await nextTurn();
        await record.parked('r_1', 'of no concern either');
        expect(await running.lag()).toBe(0);
      });

      withBus(
        'waits, when stopped, for the batch at work, and remembers it',
        async ({ store, connect }, bus) => {
          const record = sampleRecorder(store);
          await record.queued('r_1', 'at work');
          const release = deferred<void>();
          const started = recorder<string>();
          const running = await bus.subscribe({
            group: 'group',
            startFrom: 'beginning',
            handle: (events) => {
              for (const event of events) started.add(labelOf(event));
              return release.promise;
            },
          });
          await started.reached(1);
          let stopped = false;
          const stopping = running.stop().then(() => {
            stopped = true;
          });
          await record.queued('r_1', 'next');
          await nextTurn();
          expect(stopped).toBe(false);
          release.resolve();
          await stopping;
          expect(started.items).toEqual(['at work']);
          const { seen } = collect(await connect());
          expect(await seen.reached(1)).toEqual(['next']);
        },
      );

      withBus('stops while a batch fails again and again, and keeps it', async ({ store, connect }, bus) => {
        await sampleRecorder(store).queued('r_1', 'hard');
        const tries = recorder<number>();
        const running = await bus.subscribe({
          group: 'group',
          startFrom: 'beginning',
          handle: async (events) => {
            tries.add(events.length);
            throw new Error('not now');
          },
        });
        await tries.reached(2);
        await running.stop();
        const { seen } = collect(await connect());
        expect(await seen.reached(1)).toEqual(['hard']);
      });
    });

    it('skips nothing and keeps order, whatever fails, stops and crashes', () =>
      failureScheduleProperty(open));
  });
};
