import type { OrganizationId, Quotas } from '@partitura/shared/events';
import type { Rights, Role } from '@partitura/shared/http';

/** Never changed, only replaced: whoever holds one may keep it. */
export interface Key extends Rights {
  readonly keyId: string;
  readonly name: string;
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly hash: string;
  readonly revoked: boolean;
  readonly lastUsedAt: string | null;
}

export interface Member {
  /** Subject, or e-mail address in lower case. */
  readonly memberId: string;
  readonly role: Role;
  readonly addedAt: string;
  /** How often the role was changed: what an ETag says. */
  readonly revision: number;
}

export interface Organization {
  readonly id: OrganizationId;
  name: string;
  quotas: Quotas;
  readonly createdAt: string;
  /** How often name or quotas were changed. Not the stream's: that goes on with every use of a key. */
  revision: number;
  readonly members: Map<string, Member>;
  readonly keys: Map<string, Key>;
}

export type OrganizationState = Organization | null;

export const unlimited: Quotas = { requestsPerMinute: null, maxConcurrentRuns: null, maxProjects: null };

export const copyOrganization = (state: OrganizationState): OrganizationState =>
  state && { ...state, members: new Map(state.members), keys: new Map(state.keys) };
