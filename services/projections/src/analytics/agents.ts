import type { AgentFigures } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import type { AttemptFact } from './facts/attempt-facts.ts';
import { answerOf, type Paging, tallies } from './grouping.ts';
import { factsOf } from './reading-facts.ts';
import { durationsOf, rateOf } from './statistics.ts';

const begin = () => ({
  attempts: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  open: 0,
  retries: 0,
  crashes: 0,
  turns: 0,
  toolCalls: 0,
  toolFailures: 0,
  durations: [] as number[],
});
type Tally = ReturnType<typeof begin>;

/** In milliseconds, without the time in which nobody had it. */
const workedMs = ({ stretches }: AttemptFact): number =>
  stretches.reduce((sum, [from, to]) => sum + (to === null ? 0 : Date.parse(to) - Date.parse(from)), 0);

export const agentFiguresOf = async (readers: Readers, asked: Asked, paging: Paging) => {
  const counted = tallies(asked.dimensions, begin);
  for await (const page of factsOf(readers, asked, 'attempt'))
    for (const placed of page) counted.add(placed, (tally) => count(tally, placed.fact));
  return answerOf(asked, paging, counted, present);
};

const count = (tally: Tally, fact: AttemptFact): void => {
  tally.attempts += 1;
  tally[fact.outcome ?? 'open'] += 1;
  tally.retries += Number(fact.attempt > 1);
  tally.crashes += fact.crashes;
  tally.turns += fact.turns;
  tally.toolCalls += fact.toolCalls;
  tally.toolFailures += fact.toolFailures;
  if (fact.outcome !== null) tally.durations.push(workedMs(fact));
};

const present = ({ durations, ...counts }: Tally): AgentFigures => ({
  ...counts,
  successRate: rateOf(counts.succeeded, counts.succeeded + counts.failed),
  durationMs: durationsOf(durations),
});
