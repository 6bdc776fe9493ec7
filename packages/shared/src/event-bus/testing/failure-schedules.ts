import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from '../../events/index.ts';
import { recorder } from '../../runtime/testing/index.ts';
import type { EventBus, RunningSubscription } from '../port.ts';
import { labelOf, sampleRecorder } from './sample-events.ts';
import type { EventBusUnderTest } from './under-test.ts';

type Step =
  | { kind: 'record'; run: number; count: number }
  | { kind: 'restart'; how: 'stop' | 'crash' }
  | { kind: 'fail'; times: number };

const runs = 3;

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('record' as const),
        run: fc.nat(runs - 1),
        count: fc.integer({ min: 1, max: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('restart' as const),
        how: fc.constantFrom('stop' as const, 'crash' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 2 }) }),
    },
  ),
  { minLength: 3, maxLength: 15 },
);

/**
 * Records, fails, stops and crashes at random. At the end every event was handled at least once, and for the first time in
 * the order of its run.
 */
export const failureScheduleProperty = (open: () => Promise<EventBusUnderTest>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (schedule, batchSize) => {
      const opened = await open();
      try {
        await runSchedule(opened, schedule, batchSize);
      } finally {
        await opened.close();
      }
    }),
    { numRuns: 25 },
  );

const runSchedule = async (
  opened: EventBusUnderTest,
  schedule: readonly Step[],
  batchSize: number,
): Promise<void> => {
  const record = sampleRecorder(opened.store);
  const recorded: string[][] = Array.from({ length: runs }, () => []);
  const firstSeen = new Set<string>();
  const handled = recorder<string>();
  let failures = 0;

  const handle = async (events: readonly RecordedEvent[]) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('fails for once');
    }
    for (const label of events.map(labelOf)) {
      if (firstSeen.has(label)) continue;
      firstSeen.add(label);
      handled.add(label);
    }
  };

  const buses: EventBus[] = [];
  const start = async (): Promise<{ bus: EventBus; running: RunningSubscription }> => {
    const bus = await opened.connect();
    buses.push(bus);
    return {
      bus,
      running: await bus.subscribe({ group: 'group', startFrom: 'beginning', batchSize, handle }),
    };
  };

  let current = await start();
  const perform = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'record': {
        const own = recorded[step.run] ?? [];
        const labels = Array.from({ length: step.count }, (_, index) => `${step.run}.${own.length + index}`);
        own.push(...labels);
        return record.queued(`r_${step.run}`, ...labels);
      }
      case 'restart':
        if (step.how === 'stop') await current.running.stop();
        else await opened.crash(current.bus);
        current = await start();
        return;
      case 'fail':
        failures += step.times;
    }
  };

  for (const step of schedule) await perform(step);
  await handled.reached(recorded.flat().length);
  for (const bus of buses) await bus.close();

  recorded.forEach((labels, run) => {
    expect(handled.items.filter((label) => label.startsWith(`${run}.`))).toEqual(labels);
  });
};
