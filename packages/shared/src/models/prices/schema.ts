import { z } from 'zod';

/** Micro-USD for a million tokens: $3 is 3,000,000. */
const microUsd = z.int().nonnegative();

const rates = z.strictObject({
  input: microUsd,
  output: microUsd,
  cacheRead: microUsd,
  cacheWrite: microUsd,
});
export type Rates = z.infer<typeof rates>;

/** What a model costs and what it takes: everything about a model that is a figure, so that a new one needs no code. */
export const modelPrice = z.strictObject({
  /** `provider/model`. */
  model: z.string().regex(/^[a-z][a-z-]*\/.+$/, 'A model is named provider/model.'),
  /** Micro-USD for a million tokens. */
  perMillion: rates,
  /** The whole call at other rates when its prompt, cached tokens included, has more tokens than `aboveTokens`. */
  longPrompt: z.strictObject({ aboveTokens: z.int().positive(), perMillion: rates }).nullable().default(null),
  /** Tokens in and out together. */
  contextWindow: z.int().positive(),
  maxOutput: z.int().positive(),
  /** Tokens of its vocabulary for one of `o200k_base`, rounded up: estimates are multiplied by it. */
  tokenFactor: z.number().min(1).max(4).default(1.4),
  /** Whether it takes a sampling temperature; models that reason mostly refuse one. */
  temperature: z.boolean().default(true),
  /** Chat completions with tools are refused unless the model is told not to reason. */
  toolsNeedNoReasoning: z.boolean().default(false),
  /** From when on; for an old price, the day it was looked up. */
  effective: z.iso.date(),
  /** Where the figures are from. */
  source: z.string().min(1),
});
export type ModelPrice = z.infer<typeof modelPrice>;
export type ModelPriceInput = z.input<typeof modelPrice>;
