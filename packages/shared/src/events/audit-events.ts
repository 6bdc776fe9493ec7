import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

/** Stream `audit-<organisation>`, owned by the gateway. What was done is in the log anyway; this is what was not. */
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
};
export type AuditEvent = EventOf<typeof auditEvents>;
