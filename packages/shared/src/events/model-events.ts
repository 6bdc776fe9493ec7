import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { amount, blobReference, problem, usage } from './values.ts';

const call = {
  /** Derived from the stream and the call's number: the same call asked again after a crash has the same id. */
  callId: z.string(),
};

/**
 * Every call to a model, in the stream of whoever makes it: the intent before it (durable before a cent can be spent), the
 * answer after it (so that it is never bought twice).
 */
export const modelEvents = {
  'model.requested': contract(
    'A model is about to be asked; at the most `reserved` will be spent.',
    z.strictObject({
      ...call,
      /** What it is asked for, for example `requirements`, `approach`, `act`. */
      purpose: z.string(),
      model: z.string(),
      request: blobReference,
      reserved: amount,
    }),
  ),
  'model.answered': contract(
    'The model answered.',
    z.strictObject({
      ...call,
      /** The model that answered: another than was asked, after a fall-back. */
      model: z.string(),
      answer: blobReference,
      stopReason: z.enum(['end', 'tool_use', 'length', 'refusal']),
      usage,
      durationMs: z.int().nonnegative(),
    }),
  ),
  'model.failed': contract(
    'No usable answer. Tokens that were spent all the same are in `usage`.',
    z.strictObject({
      ...call,
      model: z.string(),
      problem,
      usage,
      retryAfterMs: z.int().nonnegative().nullable(),
    }),
  ),
};
export type ModelEvent = EventOf<typeof modelEvents>;
