import { z } from 'zod';

/** Values that several streams speak of. Strict: a field that nobody declared is a mistake, found at the append. */

export const blobReference = z.strictObject({
  /** SHA-256 of the content, in hex: its name in the blob store. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Bytes. */
  size: z.int().nonnegative(),
  /** The first 200 characters at the most, redacted, so that a list needs no blob. */
  preview: z.string().max(200),
  contentType: z.string(),
});
export type BlobReference = z.infer<typeof blobReference>;

/**
 * Money is a whole number of millionths of a US dollar, rounded up at each call: sums are exact, and a limit errs on the side
 * of stopping.
 */
export const usage = z.strictObject({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cacheReadTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
  costMicroUsd: z.int().nonnegative(),
  calls: z.int().nonnegative(),
});
export type Usage = z.infer<typeof usage>;

export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 0,
  calls: 0,
};

export const addUsage = (left: Usage, right: Usage): Usage => ({
  inputTokens: left.inputTokens + right.inputTokens,
  outputTokens: left.outputTokens + right.outputTokens,
  cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
  cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
  costMicroUsd: left.costMicroUsd + right.costMicroUsd,
  calls: left.calls + right.calls,
});

/** What counts against a budget's token limit. */
export const tokensOf = (value: Usage): number =>
  value.inputTokens + value.outputTokens + value.cacheReadTokens + value.cacheWriteTokens;

/** An amount of budget held for a call that has not been made yet. */
export const amount = z.strictObject({ tokens: z.int().nonnegative(), microUsd: z.int().nonnegative() });
export type Amount = z.infer<typeof amount>;

/** Limits; a missing one is no limit. `wallMs` counts from the run's start. */
export const budget = z.strictObject({
  microUsd: z.int().nonnegative().nullable(),
  tokens: z.int().nonnegative().nullable(),
  wallMs: z.int().nonnegative().nullable(),
  /** What happens when a limit leaves no room for the next call. */
  onExceed: z.enum(['stop', 'pause']),
  /** Shares of the limit at which an alert is raised, ascending. */
  thresholds: z.array(z.number().gt(0).lte(1)),
});
export type Budget = z.infer<typeof budget>;

export const problem = z.strictObject({
  /** Stable, in upper snake case: what a program reacts to. */
  code: z.string(),
  message: z.string(),
});
export type Problem = z.infer<typeof problem>;

/** One command of the project's own, run to see whether work holds. */
export const checkResult = z.strictObject({
  name: z.string(),
  command: z.string(),
  outcome: z.enum(['passed', 'failed', 'unavailable']),
  exitCode: z.int().nullable(),
  durationMs: z.int().nonnegative(),
  /** Tests, where the runner's output could be read. */
  passed: z.int().nullable(),
  failed: z.int().nullable(),
  output: blobReference.nullable(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** What somebody who looked at work found in it. */
export const finding = z.strictObject({
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  title: z.string(),
  file: z.string().nullable(),
  line: z.int().positive().nullable(),
  advice: z.string(),
});
export type Finding = z.infer<typeof finding>;
