import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

const subjectId = z.string();
const time = z.iso.datetime();

/**
 * Stream `audit-<organisation>`, owned by the gateway. What was done is in the log anyway; this is what was not done, what was only
 * looked at, and whose data can be erased.
 */
export const auditEvents = {
  'access.denied': contract(
    'Somebody who is known, or a key that is, was refused.',
    z.strictObject({
      /** `createRun`, or the method and the path for what is no operation. */
      operation: z.string(),
      /** What it was about: the path that was asked for. */
      target: z.string(),
      code: z.string(),
      reason: z.string(),
    }),
  ),
  'access.denials_suppressed': contract(
    'More denials of one actor than are worth an event each: how many, and when.',
    z.strictObject({
      count: z.int().positive(),
      codes: z.array(z.string()),
      from: z.iso.datetime(),
      until: z.iso.datetime(),
    }),
  ),
  'access.read': contract(
    'What somebody looked at in a second or so. Who it was is the actor.',
    z.strictObject({
      reads: z.array(
        z.strictObject({
          operation: z.string(),
          /** The path that was asked for. */
          target: z.string(),
          count: z.int().positive(),
          from: time,
          until: time,
        }),
      ),
      /** Reads of more things than are told one by one. */
      more: z.int().nonnegative(),
    }),
  ),
  'subject.declared': contract(
    'From now on somebody’s data are sealed with a key of their own. Who it is the log does not know.',
    z.strictObject({
      subjectId,
      /** How many names, addresses and the like it is known by. */
      identifiers: z.int().positive(),
      /** HMAC-SHA-256 of them under the subject’s key, in hex: it says nothing any more once the key is erased. */
      digest: z.string(),
    }),
  ),
  'subject.erased': contract(
    'The subject’s key is gone, and with it all that it sealed.',
    z.strictObject({ subjectId, erasedAt: time }),
  ),
};
export type AuditEvent = EventOf<typeof auditEvents>;
