import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

/**
 * Stream `command-<hash of caller, operation, target and Idempotency-Key>`, owned by the gateway: what one key was used for. Not
 * part of any feed: an answer is for whoever asked.
 */
export const commandEvents = {
  'command.claimed': contract(
    'A keyed command is at work; whoever brings the same key meanwhile is told so.',
    z.strictObject({
      /** What its owner knows it by. The same as before when it is done again because nobody knows how it went. */
      commandId: z.string(),
      operation: z.string(),
      /** SHA-256 of the body. */
      fingerprint: z.string(),
    }),
  ),
  'command.answered': contract(
    'It was done. The same key with the same body gets this answer for a day.',
    z.strictObject({
      status: z.int(),
      /** Null when it was too large to be kept. */
      answer: z.strictObject({ body: z.unknown() }).nullable(),
    }),
  ),
  'command.released': contract(
    'It was not done, or nobody knows: the key may be used again.',
    z.strictObject({
      /** `refused`: nothing happened, another body is fine. `unknown`: only the same command may come again. */
      outcome: z.enum(['refused', 'unknown']),
      code: z.string(),
    }),
  ),
};
export type CommandEvent = EventOf<typeof commandEvents>;
