import { z } from 'zod';

/** What a replay says, by its owners and in sum. */

/** What the log says at a place, or what would be said there. */
const said = z.strictObject({ type: z.string(), data: z.unknown() });
export type Said = z.infer<typeof said>;

/** What a decision was made on. */
const replayInput = z.strictObject({
  /** `event`: another event; `operator`: somebody's command; `time`: it passed; `effect`: what came of an effect; `state`: where the stream stood. */
  kind: z.enum(['event', 'operator', 'time', 'effect', 'state']),
  /** Of the event that it was, or that it stood in. */
  stream: z.string().nullable(),
  revision: z.int().nonnegative().nullable(),
  position: z.string().nullable(),
  /** Of the event, or what was told. */
  type: z.string(),
  data: z.unknown(),
});
export type ReplayInput = z.infer<typeof replayInput>;

/** A place at which would be decided otherwise today than was decided then. */
export const divergence = z.strictObject({
  stream: z.string(),
  revision: z.int().nonnegative(),
  /** Of the recorded event; of the one before it where none was recorded. */
  position: z.string(),
  time: z.string(),
  /** Null: nothing more was decided then. */
  recorded: said.nullable(),
  /** Null: nothing more would be decided now. */
  decided: said.nullable(),
  /** Why it would be refused now; null when it would not. */
  refusal: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  input: replayInput,
});
export type Divergence = z.infer<typeof divergence>;

export const replayCount = z.strictObject({
  category: z.string(),
  streams: z.int().nonnegative(),
  events: z.int().nonnegative(),
  /** Events that were decided once more. */
  decisions: z.int().nonnegative(),
  /** What came from outside and stands in the log: answers of models, results of tools and checks, who took what up. */
  outcomes: z.int().nonnegative(),
  /** Decisions that could not be made again, because the log does not have what they were made on. */
  taken: z.int().nonnegative(),
});
export type ReplayCount = z.infer<typeof replayCount>;

/** What one owner says of its own streams. */
export const replayPart = z.strictObject({
  run: z.string(),
  counts: z.array(replayCount),
  divergences: z.int().nonnegative(),
  /** The first one in the log. */
  divergence: divergence.nullable(),
  /** SHA-256 over what was decided, stream by stream. */
  hash: z.string(),
  /** Times of the first and the last event; null without any. */
  from: z.string().nullable(),
  to: z.string().nullable(),
});
export type ReplayPart = z.infer<typeof replayPart>;

export const replayReport = z.strictObject({
  run: z.string(),
  /** Of the log when the replay began: what was recorded later is not in it. */
  position: z.string(),
  events: z.int().nonnegative(),
  decisions: z.int().nonnegative(),
  outcomes: z.int().nonnegative(),
  taken: z.int().nonnegative(),
  /** Nothing would be decided otherwise today. */
  agrees: z.boolean(),
  divergences: z.int().nonnegative(),
  /** The first one in the log. */
  divergence: divergence.nullable(),
  /** From the first to the last event, in milliseconds. */
  recordedMs: z.number().nonnegative(),
  replayMs: z.number().nonnegative(),
  /** How many times as fast as it was. */
  speed: z.number().nonnegative(),
  /** SHA-256 over what was decided: the same for the same history in any installation. */
  hash: z.string(),
  counts: z.array(replayCount),
});
export type ReplayReport = z.infer<typeof replayReport>;
