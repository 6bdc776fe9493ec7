import { z } from 'zod';
import { pageOf, query, read } from './shapes.ts';

export const workflowOperations = {
  listWorkflows: query(
    '/workflows',
    'Ways of working.',
    read,
    pageOf(
      z.strictObject({
        name: z.string(),
        version: z.int(),
        description: z.string(),
        phases: z.array(z.string()),
      }),
    ),
    'orchestrator',
  ),
};
