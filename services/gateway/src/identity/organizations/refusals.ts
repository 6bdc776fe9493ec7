import type { OrganizationId } from '@partitura/shared/events';
import type { Rights, Role } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { isAtLeast } from '../authorize.ts';

/** Also for one that is there for others. */
export const organizationNotFound = (id: OrganizationId | string): PartituraError =>
  new PartituraError('ORGANIZATION_NOT_FOUND', `There is no organization "${id}".`);

export const organizationExists = (id: OrganizationId): PartituraError =>
  new PartituraError('ORGANIZATION_ALREADY_EXISTS', `There is an organization "${id}" already.`, {
    advice: 'Choose another id, or leave it out to be given one.',
  });

/** @throws {PartituraError} `STALE_REVISION` */
export const refuseStale = (seen: number | null, revision: number): void => {
  if (seen === null || seen === revision) return;
  throw new PartituraError('STALE_REVISION', `It is at revision "${revision}", not at "${seen}".`, {
    advice: 'Read it again and decide on what it says now.',
  });
};

/**
 * Nobody gives, or takes away, more than they have.
 * @throws {PartituraError} `ROLE_TOO_LOW`
 */
export const refuseHigher = (by: Rights, role: Role): void => {
  if (isAtLeast(by.role, role)) return;
  throw new PartituraError('ROLE_TOO_LOW', `Whose role is ${by.role} has no say over the role ${role}.`, {
    advice: `Ask somebody who is ${role}.`,
  });
};
