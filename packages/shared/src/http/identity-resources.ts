import { z } from 'zod';
import { quotas, role } from '../events/index.ts';

/** Who may do what, and who did: as the API shows it. */

const time = z.iso.datetime();

export const apiKeyResource = z.strictObject({
  id: z.string(),
  name: z.string(),
  role,
  /** Null: whatever the role may. */
  scopes: z.array(z.string()).nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  /** To the hour. */
  lastUsedAt: time.nullable(),
});
export type ApiKeyResource = z.infer<typeof apiKeyResource>;

export const organizationResource = z.strictObject({
  id: z.string(),
  name: z.string(),
  quotas,
  members: z.int(),
  /** That are neither revoked nor expired. */
  keys: z.int(),
  createdAt: time,
  revision: z.int(),
});
export type OrganizationResource = z.infer<typeof organizationResource>;

export const memberResource = z.strictObject({
  /** Subject, or e-mail address in lower case. */
  id: z.string(),
  role,
  addedAt: time,
  revision: z.int(),
});
export type MemberResource = z.infer<typeof memberResource>;

export const auditResource = z.strictObject({
  id: z.string(),
  time,
  position: z.string(),
  organizationId: z.string(),
  actor: z.string(),
  kind: z.enum(['command', 'denial', 'read']),
  /** Of the event that says so: of a command the first that it led to. */
  type: z.string(),
  /** The stream of what was changed, or the path that was refused or read. */
  target: z.string(),
  operation: z.string().nullable(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  /** More than one where denials were summed up, or the same was read several times within a second. */
  count: z.int(),
  correlationId: z.string(),
  projectId: z.string().nullable(),
  runId: z.string().nullable(),
});
export type AuditResource = z.infer<typeof auditResource>;
