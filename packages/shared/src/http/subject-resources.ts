import { z } from 'zod';

/** Whose data can be erased: as the API shows it to an organisation’s admins. */

const time = z.iso.datetime();
export const amount = z.strictObject({ events: z.int().nonnegative(), blobs: z.int().nonnegative() });

export const subjectResource = z.strictObject({
  id: z.string(),
  status: z.enum(['declared', 'erased']),
  /** Null where there is none, and after the erasure. */
  label: z.string().nullable(),
  /** How many it is known by; 0 after the erasure. */
  identifiers: z.int().nonnegative(),
  declaredAt: time,
  erasedAt: time.nullable(),
});
export type SubjectResource = z.infer<typeof subjectResource>;

export const subjectDetailResource = subjectResource.extend({
  /** Events and blobs with something of the subject in them that its key has sealed. */
  sealed: amount,
  /** Those that have an identifier in the clear, since they were recorded before it was declared. Null after the erasure: nobody knows any more. */
  recorded: amount.nullable(),
});
export type SubjectDetailResource = z.infer<typeof subjectDetailResource>;

export const erasureReport = z.strictObject({
  id: z.string(),
  position: z.string(),
  sealed: amount,
  /** What stays as it is: it was recorded in the clear. */
  recorded: amount.nullable(),
  repositories: z.literal('not touched'),
});
export type ErasureReport = z.infer<typeof erasureReport>;
