import type { OperationHandlers } from '@partitura/shared/http';
import type { Asking } from '../queries/asking.ts';

export const historyQueries = (ask: Asking): Pick<OperationHandlers, 'getRunHistory'> => ({
  getRunHistory: ({ params: { id }, query }) =>
    ask.pageWithin(
      'runs',
      id,
      'history',
      query,
      {
        where: { runId: id, ...(query.type === undefined ? {} : { type: query.type }) },
        between: {
          ...(query.from === undefined ? {} : { from: query.from }),
          ...(query.to === undefined ? {} : { to: query.to }),
        },
      },
      ({ event }) => event,
    ),
});
