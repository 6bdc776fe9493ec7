import { comparison } from '../compare-resources.ts';
import { defineOperation } from '../operation.ts';
import { read } from './shapes.ts';
import { twoRuns } from './why.ts';

export const comparingOperations = {
  compareRuns: defineOperation({
    method: 'GET',
    path: '/runs/:id/compare/:other',
    owner: 'projections',
    role: 'viewer',
    summary:
      'Two runs side by side: cost, time, gates and outcome by task, and the decision at which they part.',
    description:
      'Tasks of forks are the same when they have the same key; of other runs, when they are called the same, or are alone in serving the same requirements. How their code differs: /runs/{id}/code-difference/{other}.',
    params: twoRuns,
    query: read,
    body: null,
    result: comparison,
    status: 200,
  }),
};
