import type { CallContext } from '@partitura/shared/http';
import type { Query } from '@partitura/shared/read-models';
import type { Owned, Projection } from './projection.ts';

/** What belongs as a whole to one organisation, so that a list of it needs no index for whose each of its documents is. */
const parents: ReadonlySet<string> = new Set(['projectId', 'runId', 'taskId', 'agentId']);

type Indexes = Projection['indexes'];

/**
 * Each list of everything there is is also a list of everything an organisation has: read by its own index, a page of it costs the
 * same however much others have. Both kinds of list go with one declaration, so that neither can be forgotten.
 */
export const withOrganizations = (indexes: Indexes): Indexes => [
  ...indexes,
  ...indexes
    .filter(([first]) => first !== undefined && !parents.has(first))
    .map((index) => ['organizationId', ...index]),
  // All that one has, as exports read it: by id, which never changes, so that nothing but a new document costs anything.
  ['organizationId', 'id'],
];

type Reader = Pick<CallContext, 'organizationId'>;

/** The query, for what the reader may see. */
export const withinOrganization = <Asked extends Pick<Query, 'where'>>(
  { organizationId }: Reader,
  query: Asked,
): Asked => {
  const ofOne = Object.entries(query.where ?? {}).some(
    ([field, value]) => parents.has(field) && !Array.isArray(value),
  );
  return organizationId === null || ofOne ? query : { ...query, where: { ...query.where, organizationId } };
};

export const maySee = ({ organizationId }: Reader, document: Owned): boolean =>
  organizationId === null || organizationId === document.organizationId;
