import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { nothing } from './shapes.ts';

/** Settings as runs and workflows have them; one that is left out stays as each run had it. */
export const backtestPolicy = z
  .strictObject({
    budget: z
      .strictObject({
        usd: z.number().positive().max(1e9).optional(),
        tokens: z.int().positive().optional(),
        wallMs: z.int().positive().optional(),
      })
      .optional(),
    retries: z
      .strictObject({
        /** Attempts at one task before it goes to the dead letters. */
        maxAttempts: z.int().min(1).max(20).optional(),
        /** How often one agent may go back from verify to reason, the first time included. */
        maxCycles: z.int().min(1).max(20).optional(),
        taskTimeoutMs: z.int().positive().optional(),
      })
      .optional(),
    gates: z.strictObject({ blocking: z.enum(['block_critical', 'warn']) }).optional(),
    loopDetection: z
      .strictObject({
        /** The same tool call with the same result this often is a loop. */
        maxRepeats: z.int().min(2).max(100).optional(),
        /** Answers of the act step in one cycle. */
        maxTurns: z.int().min(1).max(1_000).optional(),
      })
      .optional(),
  })
  .refine((policy) => Object.values(policy).some((part) => Object.keys(part ?? {}).length > 0), {
    message: 'names no setting',
  });
export type BacktestPolicy = z.infer<typeof backtestPolicy>;

const spared = z.strictObject({ tokens: z.int(), costUsd: z.number(), wallMs: z.int() });

const backtestedStop = z.strictObject({
  /** The setting that stops it, as in `budget.usd`. */
  setting: z.string(),
  /** What would have been done. `hold_back`: the run goes back to mend what a review found, or ends. `verify`: what there is is checked. */
  action: z.enum(['stop_run', 'dead_letter', 'end_attempt', 'rethink', 'verify', 'hold_back']),
  /** Run, task or attempt. */
  subject: z.string(),
  detail: z.string(),
  eventId: z.string(),
  position: z.string(),
  time: z.iso.datetime(),
  /** What was spent on it afterwards. */
  saved: spared,
  /** What was stopped went on to succeed. Null where the record cannot tell. */
  wrongly: z.boolean().nullable(),
  outcome: z.string(),
});

export const backtest = z.strictObject({
  policy: z.unknown(),
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      projectId: z.string(),
      status: z.string(),
      stops: z.array(backtestedStop),
      /** Without counting twice what several stops would have saved. */
      saved: spared,
      /** What the run was stopped by and would not have been: how it would have gone on stands nowhere. */
      unknown: z.array(
        z.strictObject({
          setting: z.string(),
          subject: z.string(),
          position: z.string(),
          detail: z.string(),
        }),
      ),
    }),
  ),
  total: z.strictObject({
    runs: z.int(),
    stopped: z.int(),
    stops: z.int(),
    wrongStops: z.int(),
    saved: spared,
    unknown: z.int(),
  }),
  /** There are more runs than were looked at. */
  truncated: z.boolean(),
});

export const backtestOperations = {
  backtestPolicy: defineOperation({
    method: 'POST',
    path: '/backtests',
    owner: 'projections',
    role: 'viewer',
    summary:
      'What a changed budget, retry, gate or loop setting would have stopped in past runs. Changes nothing.',
    description:
      'Runs of the record are gone through with the rules that runs go by. Named runs, or the latest of a project or of all, newest first. A stop counts as wrong when what was stopped went on to succeed.',
    params: nothing,
    query: nothing,
    body: z.strictObject({
      runIds: z.array(z.string().min(1).max(200)).min(1).max(200).optional(),
      projectId: z.string().min(1).max(200).optional(),
      /** Runs that were created then, or later. */
      since: z.iso.datetime().optional(),
      limit: z.int().min(1).max(200).default(50),
      policy: backtestPolicy,
    }),
    result: backtest,
    status: 200,
  }),
};
