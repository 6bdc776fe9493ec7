import { AsyncLocalStorage } from 'node:async_hooks';
import type { OrganizationId } from '../events/index.ts';

const organization = new AsyncLocalStorage<OrganizationId>();

/** All texts that are kept while `work` goes on, however deep and asynchronous, are kept for this organisation. */
export const withinOrganization = <Result>(organizationId: OrganizationId, work: () => Result): Result =>
  organization.run(organizationId, work);

/** Null where nobody has said for whom. */
export const currentOrganization = (): OrganizationId | null => organization.getStore() ?? null;
