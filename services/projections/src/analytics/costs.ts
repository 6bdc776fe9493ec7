import { addUsage, noUsage, type Usage } from '@partitura/shared/events';
import type { CostFigures } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import { answerOf, type Paging, tallies } from './grouping.ts';
import { factsOf } from './reading-facts.ts';

interface Tally {
  usage: Usage;
  failedCalls: number;
  unpricedCalls: number;
  rehearsalCalls: number;
}

const isRehearsal = (model: string): boolean => model.startsWith('rehearsal/');

export const costsOf = async (
  readers: Readers,
  asked: Asked,
  paging: Paging,
  isPriced: (model: string) => boolean,
) => {
  const counted = tallies<Tally>(asked.dimensions, () => ({
    usage: noUsage,
    failedCalls: 0,
    unpricedCalls: 0,
    rehearsalCalls: 0,
  }));
  for await (const page of factsOf(readers, asked, 'call'))
    for (const placed of page) {
      const { fact } = placed;
      const rehearsal = isRehearsal(fact.model);
      counted.add(placed, (tally) => {
        tally.usage = addUsage(tally.usage, fact);
        tally.failedCalls += fact.failedCalls;
        tally.rehearsalCalls += rehearsal ? fact.calls : 0;
        // What cost nothing is free where its price is known; where it is not, nobody knows what it cost.
        tally.unpricedCalls += rehearsal || isPriced(fact.model) ? 0 : fact.freeCalls;
      });
    }
  return answerOf(asked, paging, counted, present);
};

const present = ({ usage, unpricedCalls, ...counts }: Tally): CostFigures => {
  const { costMicroUsd, ...tokens } = usage;
  const knownCostUsd = costMicroUsd / 1_000_000;
  return {
    ...tokens,
    ...counts,
    unpricedCalls,
    knownCostUsd,
    costUsd: unpricedCalls === 0 ? knownCostUsd : null,
  };
};
