import type { EventMetadata } from './envelope.ts';
import { defaultOrganization, type OrganizationId } from './identifiers.ts';

/**
 * Whose something is, as its first event said it. What follows from it says the same, so it is spread into metadata as it is: what
 * names nobody goes on to name nobody.
 */
export type Ownership = Pick<EventMetadata, 'organizationId'>;

export const ownershipIn = ({ organizationId }: Ownership): Ownership =>
  organizationId === undefined ? {} : { organizationId };

export const ownerOf = ({ organizationId }: Ownership): OrganizationId =>
  organizationId ?? defaultOrganization;
