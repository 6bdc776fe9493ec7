import type { AnalyticsQuery, OperationHandlers } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Readers } from '../queries/readers.ts';
import { agentFiguresOf } from './agents.ts';
import { type Asked, askedIn } from './asked.ts';
import { costsOf } from './costs.ts';
import type { Paging } from './grouping.ts';
import { parallelismOf } from './parallelism.ts';
import { qualityOf } from './quality.ts';
import { throughputOf } from './throughput.ts';

type Answered = 'getCosts' | 'getThroughput' | 'getAgentFigures' | 'getQuality' | 'getParallelism';

/** `isPriced`: whether the price of a model is known, be it nothing. */
export const analyticsHandlers = (
  readers: Readers,
  isPriced: (model: string) => boolean,
): Pick<OperationHandlers, Answered> => {
  /** What is asked about has to be there: figures of nothing must not stand for a mistyped id. */
  const about = async (query: AnalyticsQuery): Promise<Asked> => {
    const asked = askedIn(query);
    refuseBackwards(asked);
    await readers.upTo(query.after);
    if (asked.projectId !== undefined) await readers.one('projects', asked.projectId);
    if (asked.runId !== undefined) await readers.one('runs', asked.runId);
    return asked;
  };
  const asking =
    <Answer>(figures: (readers: Readers, asked: Asked, paging: Paging) => Promise<Answer>) =>
    async ({ query }: { readonly query: AnalyticsQuery }): Promise<Answer> =>
      figures(readers, await about(query), query);
  return {
    getCosts: asking((...question) => costsOf(...question, isPriced)),
    getThroughput: asking(throughputOf),
    getAgentFigures: asking(agentFiguresOf),
    getQuality: asking(qualityOf),
    getParallelism: asking(parallelismOf),
  };
};

const refuseBackwards = ({ since, until }: Asked): void => {
  if (since === null || until === null || since < until) return;
  throw new PartituraError('BAD_REQUEST', 'The time that is asked about ends before it begins.', {
    problems: [{ path: 'query.until', message: `has to be later than ${since}` }],
  });
};
