import type { ThroughputFigures } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import { answerOf, type Paging, tallies } from './grouping.ts';
import { factsOf } from './reading-facts.ts';
import { durationsOf } from './statistics.ts';

interface Tally {
  readonly tasks: { completed: number; deadLettered: number; cancelled: number; open: number };
  readonly runs: { completed: number; failed: number; cancelled: number; stopped: number; open: number };
  attempts: number;
  retries: number;
  failedAttempts: number;
  merged: number;
  readonly taskDurations: number[];
  readonly runDurations: number[];
}

const begin = (): Tally => ({
  tasks: { completed: 0, deadLettered: 0, cancelled: 0, open: 0 },
  runs: { completed: 0, failed: 0, cancelled: 0, stopped: 0, open: 0 },
  attempts: 0,
  retries: 0,
  failedAttempts: 0,
  merged: 0,
  taskDurations: [],
  runDurations: [],
});

const ends = { completed: 'completed', dead_letter: 'deadLettered', cancelled: 'cancelled' } as const;

export const throughputOf = async (readers: Readers, asked: Asked, paging: Paging) => {
  const counted = tallies(asked.dimensions, begin);
  for await (const page of factsOf(readers, asked, 'task'))
    for (const placed of page) {
      const { outcome, isWork, attempts, failedAttempts, merged, durationMs } = placed.fact;
      if (!isWork) continue;
      counted.add(placed, (tally) => {
        tally.tasks[outcome === null ? 'open' : ends[outcome]] += 1;
        tally.attempts += attempts;
        tally.retries += Math.max(0, attempts - 1);
        tally.failedAttempts += failedAttempts;
        tally.merged += Number(merged);
        if (outcome === 'completed' && durationMs !== null) tally.taskDurations.push(durationMs);
      });
    }
  for await (const page of factsOf(readers, asked, 'run'))
    for (const placed of page) {
      const { outcome, startedAt, endedAt } = placed.fact;
      counted.add(placed, (tally) => {
        tally.runs[outcome ?? 'open'] += 1;
        if (outcome === 'completed' && startedAt !== null && endedAt !== null)
          tally.runDurations.push(Date.parse(endedAt) - Date.parse(startedAt));
      });
    }
  return answerOf(asked, paging, counted, present);
};

const present = ({ taskDurations, runDurations, ...counts }: Tally): ThroughputFigures => ({
  ...counts,
  taskDurationMs: durationsOf(taskDurations),
  runDurationMs: durationsOf(runDurations),
});
