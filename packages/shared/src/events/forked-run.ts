import { z } from 'zod';
import { budget, usage } from './values.ts';

/** What a run that was forked has of the one it was forked from, and what is different. Recorded when it is asked for. */
export const forkedRun = z.strictObject({
  parentRunId: z.string(),
  /** The position, in the store that recorded this, of the last event that was inherited: `asOfHere` says where that is in another. */
  at: z.string(),
  /** By stream of the parent's own: the revision of its last event that was inherited. Streams that are not named had none. */
  streams: z.record(z.string(), z.int().nonnegative()),
  /** Of the parent's branch as of then; null when it had none. The fork's branch begins there. */
  commit: z.string().nullable(),
  /** From the last inherited event to the fork, in milliseconds: every deadline of the past is that much later. */
  shiftMs: z.int().nonnegative(),
  /**
   * By holder of budget (an attempt, or `plan`) that was at work: what it had spent by then, which its parent paid. What such an
   * attempt tells of its usage in the end is all of it.
   */
  unsettled: z.record(z.string(), usage),
  /** Null, or empty, for what is as it was. */
  changes: z.strictObject({
    /** `provider/model`. */
    model: z.string().nullable(),
    /** What was inherited never counts against it: without a new one the fork is given what was left of the parent's. */
    budget: budget.nullable(),
    /** Agent types that are told something else. */
    prompts: z.array(z.string()),
    /** The fork's ids. */
    droppedTasks: z.array(z.string()),
  }),
});
export type ForkedRun = z.infer<typeof forkedRun>;
