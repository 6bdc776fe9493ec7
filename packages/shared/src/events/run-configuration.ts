import { z } from 'zod';
import { workflow } from '../workflows/definition.ts';
import { amount, blobReference, budget } from './values.ts';

export const amountOrNull = amount.nullable();

/** A text somebody handed over, kept whole as a blob. */
export const documentReference = z.strictObject({
  /** The file's name, or what it is called. */
  name: z.string(),
  /** The first heading or the first words: what lists show. */
  title: z.string(),
  words: z.int().nonnegative(),
  content: blobReference,
});
export type DocumentReference = z.infer<typeof documentReference>;

/** The project's repository. `url` is whatever git can fetch from and push to, a local path included; the canonical identity. */
export const repository = z.strictObject({ url: z.string(), baseBranch: z.string() });
export type Repository = z.infer<typeof repository>;

/** Taken when the run is asked for and never changed: what a run did can be explained from it months later. */
export const runConfiguration = z.strictObject({
  prd: documentReference,
  /** Null for a run without a work tree: agents then only answer. */
  repository: repository.nullable(),
  /** The run's branch: `partitura/<run>`. */
  branch: z.string().nullable(),
  workflow,
  /** `provider/model`. */
  model: z.string(),
  /** Tried in this order when the model before it cannot be had. */
  fallbackModels: z.array(z.string()),
  /** True when the model only rehearses: no key, no network, no cost. */
  rehearsal: z.boolean(),
  maxAgents: z.int().positive(),
  budget: budget.nullable(),
  /** Commands are run: in the best sandbox there is; or, as the operator said, without one. */
  sandbox: z.enum(['required', 'off']),
  stack: z.array(z.string()),
  constraints: z.array(z.string()),
  successCriteria: z.array(z.string()),
  /** Stop before each task until the operator says go. */
  step: z.boolean(),
  /** End after the plan. */
  planOnly: z.boolean(),
  /** By agent type: what it is told in place of the built-in prompt. Absent: nothing. */
  prompts: z.record(z.string(), blobReference).optional(),
});
export type RunConfiguration = z.infer<typeof runConfiguration>;
