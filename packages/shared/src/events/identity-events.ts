import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

/** From the one that may least to the one that may everything. */
export const roles = ['viewer', 'operator', 'admin', 'owner'] as const;
export const role = z.enum(roles);

/** What an organisation may use at the most; null for no limit. */
export const quotas = z.strictObject({
  requestsPerMinute: z.int().positive().nullable(),
  maxConcurrentRuns: z.int().nonnegative().nullable(),
  maxProjects: z.int().nonnegative().nullable(),
});
export type Quotas = z.infer<typeof quotas>;

const time = z.iso.datetime();

/** Stream `identity-<organisation>`, owned by the gateway. */
export const identityEvents = {
  'organization.created': contract(
    'An organisation exists.',
    z.strictObject({ organizationId: z.string(), name: z.string(), quotas, createdAt: time }),
  ),
  'organization.changed': contract(
    'Its name or its quotas are others now.',
    z.strictObject({ name: z.string(), quotas }),
  ),
  'member.added': contract(
    'Somebody belongs to the organisation: by subject or verified e-mail address, as the identity provider has it.',
    z.strictObject({ memberId: z.string(), role, addedAt: time }),
  ),
  'member.role_changed': contract(
    'A member may do more, or less.',
    z.strictObject({ memberId: z.string(), role }),
  ),
  'member.removed': contract(
    'Somebody does not belong to it any more.',
    z.strictObject({ memberId: z.string() }),
  ),
  'key.created': contract(
    'There is an API key. Of its secret the log has the hash alone.',
    z.strictObject({
      keyId: z.string(),
      name: z.string(),
      role,
      /** Null: whatever the role may. */
      scopes: z.array(z.string()).nullable(),
      expiresAt: time.nullable(),
      createdAt: time,
      createdBy: z.string(),
      /** SHA-256 of the whole key, in hex. */
      hash: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  'key.revoked': contract('The key is refused from now on.', z.strictObject({ keyId: z.string() })),
  'key.used': contract(
    'Somebody came with the key. Said at most once an hour.',
    z.strictObject({ keyId: z.string(), usedAt: time }),
  ),
};
export type IdentityEvent = EventOf<typeof identityEvents>;
