import type { OperationHandlers } from '@partitura/shared/http';
import { envelopeOf, type IdentityDependencies, isoNow, named, rightsOf } from './context.ts';
import { pageFrom } from './pages.ts';

type Answered = `${'add' | 'change' | 'remove'}Member` | 'listMembers';

export const memberOperations = ({
  organizations,
  clock,
}: IdentityDependencies): Pick<OperationHandlers, Answered> => ({
  addMember: async ({ params, body }, context) => {
    const memberId = memberIdOf(body.id);
    const command = {
      kind: 'add_member',
      organizationId: named(params.id, context),
      memberId,
      role: body.role,
      by: rightsOf(context),
      at: isoNow(clock),
    } as const;
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id: memberId, position };
  },
  listMembers: async ({ params: { id }, query }, context) => {
    const { members } = await organizations.fresh(named(id, context));
    const { items, nextCursor } = pageFrom([...members.values()], ({ memberId }) => memberId, query);
    return { items: items.map(({ memberId, ...member }) => ({ id: memberId, ...member })), nextCursor };
  },
  changeMember: async ({ params, body }, context) => {
    const memberId = memberIdOf(params.memberId);
    const command = {
      kind: 'change_role',
      organizationId: named(params.id, context),
      memberId,
      role: body.role,
      by: rightsOf(context),
      ifRevision: context.expectedRevision,
      at: isoNow(clock),
    } as const;
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id: memberId, position };
  },
  removeMember: async ({ params }, context) => {
    const memberId = memberIdOf(params.memberId);
    const command = {
      kind: 'remove_member',
      organizationId: named(params.id, context),
      memberId,
      by: rightsOf(context),
      ifRevision: context.expectedRevision,
      at: isoNow(clock),
    } as const;
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id: memberId, position };
  },
});

/** An e-mail address is one address however it is written; a subject is what the provider says, letter by letter. */
export const memberIdOf = (given: string): string => (given.includes('@') ? given.toLowerCase() : given);
