import { z } from 'zod';
import { contract } from './define.ts';
import { amount, finding, usage } from './values.ts';

export const ciStatuses = ['queued', 'running', 'passed', 'failed', 'cancelled', 'skipped'] as const;
export type CiStatus = (typeof ciStatuses)[number];

/** Of what a run is held to: its budget, what people have to say yes to, and who looks at its work. */
export const runLimitEvents = {
  'budget.requested': contract(
    'A holder asked for more than is free now; it waits until others give back what they do not need.',
    z.strictObject({ holder: z.string(), requestId: z.string(), amount }),
  ),
  'budget.reserved': contract(
    'More is set aside for a holder that asked for it. `holder` is an attempt, or `plan`.',
    z.strictObject({ holder: z.string(), amount, requestId: z.string() }),
  ),
  'budget.denied': contract(
    'There is not enough left for what was asked.',
    z.strictObject({ holder: z.string(), requestId: z.string(), asked: amount }),
  ),
  'budget.settled': contract(
    'A holder is done: what it spent is counted, what it did not is free again.',
    z.strictObject({ holder: z.string(), usage }),
  ),
  'budget.threshold_reached': contract(
    'A share of a limit is spent.',
    z.strictObject({
      limit: z.enum(['tokens', 'usd', 'wall']),
      threshold: z.number(),
      spent: z.int(),
      allowed: z.int(),
    }),
  ),
  'budget.exhausted': contract(
    'A limit leaves no room for the next call.',
    z.strictObject({
      limit: z.enum(['tokens', 'usd', 'wall']),
      spent: z.int(),
      allowed: z.int(),
      action: z.enum(['stop', 'pause']),
    }),
  ),

  'approval.requested': contract(
    'Somebody has to say yes to exactly this action, in exactly this state.',
    z.strictObject({
      approvalId: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.string(),
      /** SHA-256 of the action with its arguments and of the state it was asked in. */
      bindingHash: z.string(),
      expiresAt: z.iso.datetime().nullable(),
    }),
  ),
  'approval.granted': contract('Yes.', z.strictObject({ approvalId: z.string(), comment: z.string() })),
  'approval.denied': contract('No.', z.strictObject({ approvalId: z.string(), comment: z.string() })),
  'approval.expired': contract(
    'Nobody answered in time, which is a no.',
    z.strictObject({ approvalId: z.string() }),
  ),

  'ci.reported': contract(
    'A CI system said how it goes with the run’s branch, or with that of one of its tasks.',
    z.strictObject({
      /** Null for the run’s own branch. */
      taskId: z.string().nullable(),
      provider: z.string(),
      name: z.string(),
      status: z.enum(ciStatuses),
      branch: z.string(),
      commit: z.string().nullable(),
      url: z.string().nullable(),
    }),
  ),

  'gate.evaluated': contract(
    'A gate looked at a task’s or a phase’s work.',
    z.strictObject({
      gate: z.string(),
      subject: z.string(),
      verdict: z.enum(['passed', 'failed', 'warned']),
      findings: z.array(finding),
    }),
  ),
};
