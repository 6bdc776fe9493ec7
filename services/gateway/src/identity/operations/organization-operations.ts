import { sha256 } from '@partitura/shared/canonical';
import { asOrganizationId } from '@partitura/shared/events';
import type { OperationHandlers, OrganizationResource } from '@partitura/shared/http';
import type { Clock } from '@partitura/shared/runtime';
import type { Organization, unlimited } from '../organizations/state.ts';
import { envelopeOf, type IdentityDependencies, isoNow, named, refuseUnlessInstallation } from './context.ts';
import { isActive } from './key-operations.ts';
import { pageFrom } from './pages.ts';

type Answered = `${'create' | 'get' | 'change'}Organization` | 'listOrganizations';

export const organizationOperations = ({
  organizations,
  directory,
  clock,
}: IdentityDependencies): Pick<OperationHandlers, Answered> => ({
  createOrganization: async ({ body }, context) => {
    refuseUnlessInstallation(context, 'Creating organizations');
    // The same command makes the same organisation.
    const id = body.id ?? `o_${sha256(`organization ${context.commandId}`).slice(0, 12)}`;
    const command = {
      kind: 'create',
      organizationId: asOrganizationId(id),
      name: body.name,
      quotas: withoutUndefined(body.quotas),
      at: isoNow(clock),
    } as const;
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id, position };
  },
  listOrganizations: async ({ query }, { organizationId }) => {
    const ids = organizationId === null ? await directory.list() : [organizationId];
    const { items, nextCursor } = pageFrom(ids, (id) => id, query);
    const found = await Promise.all(items.map((id) => organizations.recent(id)));
    return { items: found.flatMap((one) => (one ? [present(one, clock)] : [])), nextCursor };
  },
  getOrganization: async ({ params: { id } }, context) =>
    present(await organizations.fresh(named(id, context)), clock),
  changeOrganization: async ({ params: { id }, body }, context) => {
    const organizationId = named(id, context);
    if (body.quotas !== undefined) refuseUnlessInstallation(context, 'Changing quotas');
    const command = {
      kind: 'change',
      organizationId,
      name: body.name,
      quotas: body.quotas ?? {},
      ifRevision: context.expectedRevision,
      at: isoNow(clock),
    } as const;
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id, position };
  },
});

type QuotasInput = { readonly [Name in keyof typeof unlimited]?: number | null | undefined };

const withoutUndefined = (given: QuotasInput = {}): typeof unlimited => ({
  requestsPerMinute: given.requestsPerMinute ?? null,
  maxConcurrentRuns: given.maxConcurrentRuns ?? null,
  maxProjects: given.maxProjects ?? null,
});

const present = (organization: Organization, clock: Clock): OrganizationResource => {
  const { id, name, quotas, members, keys, createdAt, revision } = organization;
  const now = clock.now();
  const active = [...keys.values()].filter((key) => isActive(key, now)).length;
  return { id, name, quotas, members: members.size, keys: active, createdAt, revision };
};
