import { z } from 'zod';
import { taskDefinition } from './task-definition.ts';

/** What the PRD asks for, each with the line it stands on, so that a commit can be traced back to a sentence. */
export const requirement = z.strictObject({
  /** `R1`, `R2`, … in the order of the PRD. */
  id: z.string().regex(/^R[0-9]+$/),
  /** The PRD's own id where it has one: `FR-1.2`. */
  sourceId: z.string().nullable(),
  text: z.string().min(1),
  /** 1-based line of the PRD. */
  line: z.int().positive(),
  kind: z.enum(['functional', 'quality', 'constraint']),
  priority: z.enum(['must', 'should', 'could']),
});
export type Requirement = z.infer<typeof requirement>;

export const question = z.strictObject({
  id: z.string().regex(/^Q[0-9]+$/),
  text: z.string().min(1),
  /** What is assumed until somebody answers. */
  assumption: z.string(),
  requirementIds: z.array(z.string()),
});
export type Question = z.infer<typeof question>;

export const risk = z.strictObject({
  title: z.string().min(1),
  likelihood: z.enum(['low', 'medium', 'high']),
  impact: z.enum(['low', 'medium', 'high']),
  mitigation: z.string(),
});
export type Risk = z.infer<typeof risk>;

export const architecture = z.strictObject({
  /** Markdown. */
  document: z.string().min(1),
  technologies: z.array(z.strictObject({ name: z.string(), purpose: z.string(), reason: z.string() })),
  risks: z.array(risk),
});
export type Architecture = z.infer<typeof architecture>;

/** Half of the simulated schedules end within `p50`, nine of ten within `p90`. */
export const percentiles = z.strictObject({ p50: z.number().nonnegative(), p90: z.number().nonnegative() });

export const scheduledSpan = z.strictObject({
  key: z.string(),
  /** Milliseconds from the start of execution, by expected durations and the agent limit. */
  startMs: z.number().nonnegative(),
  endMs: z.number().nonnegative(),
  /** How much later it may end without making the whole later, were there agents enough. */
  slackMs: z.number().nonnegative(),
  critical: z.boolean(),
});

export const estimate = z.strictObject({
  durationMs: percentiles,
  costMicroUsd: percentiles,
  tokens: percentiles,
  /** Keys of work tasks, first to last. */
  criticalPath: z.array(z.string()),
  criticalPathMs: z.number().nonnegative(),
  /** The most tasks that run side by side in the schedule. */
  width: z.int().nonnegative(),
  schedule: z.array(scheduledSpan),
  simulations: z.int().positive(),
});
export type Estimate = z.infer<typeof estimate>;

/** What became another because the PRD was edited: ids of requirements, keys of tasks. */
export const planChange = z.strictObject({
  /** Of the run's re-planning. */
  number: z.int().positive(),
  requirements: z.strictObject({
    added: z.array(z.string()),
    changed: z.array(z.string()),
    removed: z.array(z.string()),
  }),
  /** Tasks of the plan before that are not to be done any more, unless they are by then. */
  dropped: z.array(z.string()),
  /** Tasks that are new. */
  added: z.array(z.string()),
});
export type PlanChange = z.infer<typeof planChange>;

/** All that the planner found out, one blob; `plan.proposed` carries its hash and a summary. */
export const planDocument = z.strictObject({
  requirements: z.array(requirement),
  questions: z.array(question),
  architecture,
  tasks: z.array(taskDefinition),
  estimate,
  risks: z.array(risk),
  /** Only in a plan that was made from the one before it. */
  change: planChange.optional(),
});
export type PlanDocument = z.infer<typeof planDocument>;
