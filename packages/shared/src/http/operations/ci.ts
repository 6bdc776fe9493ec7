import { z } from 'zod';
import { ciStatuses } from '../../events/index.ts';
import { command } from './shapes.ts';

export const ciOperations = {
  reportCiResult: command(
    '/runs/:id/ci-results',
    'Tell a run what a CI system found on its branch, or on that of one of its tasks.',
    z.strictObject({
      /** Of the CI system, as in `github`. */
      provider: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,49}$/),
      name: z.string().min(1).max(200),
      status: z.enum(ciStatuses),
      branch: z.string().min(1).max(300),
      commit: z
        .string()
        .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
        .nullable()
        .default(null),
      url: z
        .string()
        .max(2_000)
        .regex(/^https?:\/\/[^\s]+$/)
        .nullable()
        .default(null),
      taskId: z.string().min(1).max(200).nullable().default(null),
    }),
  ),
};
