import { asOrganizationId, type IdentityEvent } from '@partitura/shared/events';
import type { Key, Member, Organization, OrganizationState } from './state.ts';

/** What an organisation's stream says, event by event. Changes the state it is given. */
export const evolveOrganization = (state: OrganizationState, event: IdentityEvent): OrganizationState => {
  if (event.type === 'organization.created') return createdOrganization(event.data);
  if (state !== null) apply(state, event);
  return state;
};

type DataOf<Type extends IdentityEvent['type']> = Extract<IdentityEvent, { type: Type }>['data'];

/** An organisation as it begins. */
export const createdOrganization = ({
  organizationId,
  ...data
}: DataOf<'organization.created'>): Organization => ({
  id: asOrganizationId(organizationId),
  ...data,
  revision: 0,
  members: new Map(),
  keys: new Map(),
});

const apply = (
  organization: Organization,
  event: Exclude<IdentityEvent, { type: 'organization.created' }>,
): void => {
  const { members, keys } = organization;
  switch (event.type) {
    case 'organization.changed':
      organization.name = event.data.name;
      organization.quotas = event.data.quotas;
      organization.revision += 1;
      return;
    case 'member.added':
      members.set(event.data.memberId, { ...event.data, revision: 0 });
      return;
    case 'member.role_changed':
      changeMember(members, event.data);
      return;
    case 'member.removed':
      members.delete(event.data.memberId);
      return;
    case 'key.created':
      keys.set(event.data.keyId, { ...event.data, revoked: false, lastUsedAt: null });
      return;
    case 'key.revoked':
      changeKey(keys, event.data.keyId, { revoked: true });
      return;
    case 'key.used':
      changeKey(keys, event.data.keyId, { lastUsedAt: event.data.usedAt });
      return;
  }
};

const changeMember = (
  members: Map<string, Member>,
  { memberId, role }: DataOf<'member.role_changed'>,
): void => {
  const member = members.get(memberId);
  if (member) members.set(memberId, { ...member, role, revision: member.revision + 1 });
};

const changeKey = (
  keys: Map<string, Key>,
  keyId: string,
  change: Partial<Pick<Key, 'revoked' | 'lastUsedAt'>>,
): void => {
  const key = keys.get(keyId);
  if (key) keys.set(keyId, { ...key, ...change });
};
