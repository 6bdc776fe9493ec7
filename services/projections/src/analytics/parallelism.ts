import type { ParallelismFigures } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import { atOnce, type Interval } from './at-once.ts';
import { actualCriticalPath } from './critical-path.ts';
import type { AttemptFact } from './facts/attempt-facts.ts';
import type { RunFact } from './facts/run-facts.ts';
import { answerOf, type Paging, type Tallies, tallies } from './grouping.ts';
import { factsOf, type Placed } from './reading-facts.ts';
import { rateOf } from './statistics.ts';

const begin = () => ({
  intervals: [] as Interval[],
  byRun: new Map<string, Interval[]>(),
  estimated: [] as number[],
  actual: [] as number[],
  withinP90: 0,
});
type Tally = ReturnType<typeof begin>;

type Counted = Tallies<Tally>;

export const parallelismOf = async (readers: Readers, asked: Asked, paging: Paging) => {
  const counted = tallies(asked.dimensions, begin);
  const allowed = new Map<string, number>();
  for await (const page of factsOf(readers, asked, 'attempt')) {
    for (const placed of page) countWork(counted, placed);
    await learnAllowed(
      readers,
      allowed,
      page.map(({ run }) => run),
    );
  }
  for await (const page of factsOf(readers, asked, 'run'))
    for (const placed of page) await countPath(readers, counted, placed);
  return answerOf(asked, paging, counted, presentWith(allowed));
};

/** What goes on has no end yet that could be counted. */
const intervalsOf = ({ stretches }: AttemptFact): readonly Interval[] =>
  stretches.flatMap(([from, to]) => (to === null ? [] : [[Date.parse(from), Date.parse(to)] as const]));

const countWork = (counted: Counted, placed: Placed<AttemptFact>): void => {
  const intervals = intervalsOf(placed.fact);
  const run = placed.run ?? '';
  counted.add(placed, (tally) => {
    tally.intervals.push(...intervals);
    const ofRun = tally.byRun.get(run);
    if (ofRun) ofRun.push(...intervals);
    else tally.byRun.set(run, [...intervals]);
  });
};

const countPath = async (readers: Readers, counted: Counted, placed: Placed<RunFact>): Promise<void> => {
  const { fact } = placed;
  const { estimate, outcome } = fact;
  if (estimate === null || outcome !== 'completed') return;
  const actual = await actualPathOf(readers, fact);
  if (actual === null) return;
  counted.add(placed, (tally) => {
    tally.estimated.push(estimate.criticalPathMs);
    tally.actual.push(actual);
    tally.withinP90 += Number(durationOf(fact) <= estimate.durationP90Ms);
  });
};

const durationOf = ({ startedAt, endedAt }: RunFact): number =>
  startedAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt);

const learnAllowed = async (
  readers: Readers,
  allowed: Map<string, number>,
  runs: readonly (string | null)[],
): Promise<void> => {
  const missing = [...new Set(runs)].filter((run) => run !== null && !allowed.has(run));
  const found = await readers.several(
    'facts',
    missing.map((run) => `run/${run}`),
  );
  for (const fact of found) if (fact?.kind === 'run') allowed.set(fact.runId, fact.maxAgents);
};

/** Of the run's own tasks: a fork has not done what it inherited. */
const actualPathOf = async (readers: Readers, { runId }: RunFact): Promise<number | null> => {
  const pages = await Array.fromAsync(
    factsOf(readers, { since: null, until: null, dimensions: [], runId }, 'task'),
  );
  return actualCriticalPath(pages.flat().flatMap(({ fact }) => (fact.isWork ? [fact] : [])));
};

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** From the first to the last of its work, with all the agents that it was allowed. */
const couldHave = (intervals: readonly Interval[], maxAgents: number): number => {
  if (intervals.length === 0) return 0;
  const from = intervals.reduce((least, [one]) => Math.min(least, one), Number.POSITIVE_INFINITY);
  const to = intervals.reduce((most, [, one]) => Math.max(most, one), 0);
  return (to - from) * maxAgents;
};

const presentWith =
  (allowed: ReadonlyMap<string, number>) =>
  ({ intervals, byRun, estimated, actual, withinP90 }: Tally): ParallelismFigures => {
    const { max, mean, busyMs, sumMs } = atOnce(intervals);
    const possible = [...byRun].map(([run, ofRun]) => couldHave(ofRun, allowed.get(run) ?? 1));
    const rate = rateOf(sumMs, sum(possible));
    const known = estimated.length > 0;
    return {
      runs: byRun.size,
      maxAgents: max,
      meanAgents: mean,
      busyMs,
      agentMs: sumMs,
      // A run whose limit was changed meanwhile may have had more.
      utilisation: rate === null ? null : Math.min(1, rate),
      criticalPath: {
        runs: estimated.length,
        estimatedMs: known ? sum(estimated) : null,
        actualMs: known ? sum(actual) : null,
        ratio: sum(estimated) === 0 ? null : sum(actual) / sum(estimated),
        withinP90: rateOf(withinP90, estimated.length),
      },
    };
  };
