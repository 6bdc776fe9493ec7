import { z } from 'zod';
import { findingKinds } from '../../sealing/findings.ts';
import { defineOperation } from '../operation.ts';
import { nothing, reading } from './shapes.ts';

export const auditVerdict = z.strictObject({
  intact: z.boolean(),
  events: z.int().nonnegative(),
  streams: z.int().nonnegative(),
  /** Of the whole log: signed heads of the chain over all of it. None are looked at for one run. */
  seals: z.int().nonnegative(),
  /** Events that no seal covers yet: the next one does. */
  unsealed: z.int().nonnegative(),
  /** Events that were compared with what the read models remember; null without any. */
  witnessed: z.int().nonnegative().nullable(),
  findings: z.array(
    z.strictObject({
      kind: z.enum(findingKinds),
      eventId: z.string().nullable(),
      stream: z.string().nullable(),
      revision: z.int().nullable(),
      position: z.string().nullable(),
      sentence: z.string(),
    }),
  ),
  /** There are more than these. */
  more: z.boolean(),
});
export type AuditVerdict = z.infer<typeof auditVerdict>;

export const auditOperations = {
  verifyAudit: defineOperation({
    method: 'GET',
    path: '/audit/verify',
    owner: 'projections',
    role: 'admin',
    summary: 'Whether the log is as it was recorded, and where it is not.',
    description:
      'Without `runId` the whole log is verified: every stream’s chain, the chain over all of them, every signed seal, what the read models remember, and the store’s own files. That is for whoever runs the installation; an organisation names a run of its own.',
    params: nothing,
    query: z.strictObject({ ...reading, runId: z.string().min(1).max(200).optional() }),
    body: null,
    result: auditVerdict,
    status: 200,
  }),
};
