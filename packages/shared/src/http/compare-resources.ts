import { z } from 'zod';
import { runStatuses, taskStatuses, usageResource } from './resources.ts';

const comparedRun = z.strictObject({
  runId: z.string(),
  projectId: z.string(),
  status: z.enum(runStatuses),
  statusDetail: z.string().nullable(),
  workflow: z.string(),
  model: z.string(),
  rehearsal: z.boolean(),
  forkedFrom: z.strictObject({ runId: z.string(), position: z.string() }).nullable(),
  commit: z.string().nullable(),
  tasks: z.int(),
  completed: z.int(),
  deadLettered: z.int(),
  requirements: z.int(),
  requirementsMet: z.int(),
  usage: usageResource,
  tokens: z.int(),
  /** From its start to its end; null while it has none. */
  durationMs: z.int().nullable(),
  gates: z.strictObject({ passed: z.int(), failed: z.int(), warned: z.int() }),
});

export const comparedTask = z.strictObject({
  taskId: z.string(),
  title: z.string(),
  status: z.enum(taskStatuses),
  attempts: z.int(),
  models: z.array(z.string()),
  tokens: z.int(),
  costUsd: z.number(),
  durationMs: z.int().nullable(),
  gates: z.array(z.strictObject({ gate: z.string(), verdict: z.string() })),
  /** Of the last attempt that failed. */
  problem: z.string().nullable(),
});
export type ComparedTask = z.infer<typeof comparedTask>;

export const decisionKinds = [
  'configuration',
  'phase',
  'plan',
  'attempt',
  'outcome',
  'gate',
  'replan',
  'approval',
  'budget',
  'end',
] as const;

const decided = z.strictObject({
  value: z.string(),
  eventId: z.string(),
  position: z.string(),
  time: z.iso.datetime(),
});

export const comparedDecision = z.strictObject({
  kind: z.enum(decisionKinds),
  /** What was decided on, as in `T4.a1`. */
  subject: z.string(),
  /** Null where the run never came to it. */
  a: decided.nullable(),
  b: decided.nullable(),
});
export type ComparedDecision = z.infer<typeof comparedDecision>;

export const comparison = z.strictObject({
  a: comparedRun,
  b: comparedRun,
  /** `forks`: one comes from the other, or both from a third. */
  relation: z.enum(['same_run', 'forks', 'same_project', 'unrelated']),
  /** What the second has more than the first; null where one of them has no end yet. */
  difference: z.strictObject({ costUsd: z.number(), tokens: z.int(), durationMs: z.int().nullable() }),
  tasks: z.array(
    z.strictObject({
      /** Null for a task that only one of them has. */
      alignedBy: z.enum(['key', 'title', 'requirements']).nullable(),
      key: z.string(),
      a: comparedTask.nullable(),
      b: comparedTask.nullable(),
      differs: z.array(z.string()),
    }),
  ),
  /** The first decision in which they differ; null when there is none. */
  parting: comparedDecision.nullable(),
  decisions: z.strictObject({
    same: z.int(),
    different: z.int(),
    /** The first five hundred, in order. */
    differences: z.array(comparedDecision),
  }),
  position: z.string(),
});
export type Comparison = z.infer<typeof comparison>;
