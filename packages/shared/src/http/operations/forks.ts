import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accepted, budgetInput, byId, nothing } from './shapes.ts';

export const forkOperations = {
  forkRun: defineOperation({
    method: 'POST',
    path: '/runs/:id/fork',
    owner: 'orchestrator',
    role: 'operator',
    summary:
      'A new run whose past is that of this one up to a position or time: what was answered by then is not paid again, approvals are asked again.',
    params: byId,
    query: nothing,
    body: z.strictObject({
      /** A position as an event has it, that event included; or a time. */
      at: z.string().min(1).max(200),
      model: z.string().optional(),
      /** For what the fork spends itself. Left out: what was left of the parent's then. */
      budget: budgetInput.optional(),
      /** By agent type: what it is told in place of the built-in prompt. */
      prompts: z.record(z.string().max(100), z.string().min(1).max(100_000)).default({}),
      /** Keys or ids of tasks that are not to be done. What waited for them waits for what they had waited for. */
      dropTasks: z.array(z.string().min(1).max(200)).max(1_000).default([]),
    }),
    result: accepted,
    status: 201,
  }),
};
