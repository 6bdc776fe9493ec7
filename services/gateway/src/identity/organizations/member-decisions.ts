import type { IdentityEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { CommandOf } from './commands.ts';
import { refuseHigher, refuseStale } from './refusals.ts';
import type { Member, Organization } from './state.ts';

type Events = readonly IdentityEvent[];

export const memberNotFound = (memberId: string): PartituraError =>
  new PartituraError('MEMBER_NOT_FOUND', `There is no member "${memberId}".`);

/** @throws {PartituraError} `MEMBER_ALREADY_THERE`, `ROLE_TOO_LOW` */
export const addMember = (command: CommandOf<'add_member'>, { members }: Organization): Events => {
  const { memberId, role, by, at: addedAt } = command;
  refuseHigher(by, role);
  if (members.has(memberId))
    throw new PartituraError('MEMBER_ALREADY_THERE', `"${memberId}" is a member already.`, {
      advice: 'Change the role instead: PATCH /organizations/{id}/members/{memberId}',
    });
  return [{ type: 'member.added', data: { memberId, role, addedAt } }];
};

/** @throws {PartituraError} `MEMBER_NOT_FOUND`, `ROLE_TOO_LOW`, `LAST_OWNER`, `STALE_REVISION` */
export const changeRole = (command: CommandOf<'change_role'>, organization: Organization): Events => {
  const { memberId, role, by, ifRevision } = command;
  const member = organization.members.get(memberId);
  if (!member) throw memberNotFound(memberId);
  refuseHigher(by, member.role);
  refuseHigher(by, role);
  refuseStale(ifRevision, member.revision);
  if (member.role === role) return [];
  refuseLastOwner(organization, member);
  return [{ type: 'member.role_changed', data: { memberId, role } }];
};

/** @throws {PartituraError} `MEMBER_NOT_FOUND`, `ROLE_TOO_LOW`, `LAST_OWNER`, `STALE_REVISION` */
export const removeMember = (command: CommandOf<'remove_member'>, organization: Organization): Events => {
  const { memberId, by, ifRevision } = command;
  const member = organization.members.get(memberId);
  if (!member) throw memberNotFound(memberId);
  refuseHigher(by, member.role);
  refuseStale(ifRevision, member.revision);
  refuseLastOwner(organization, member);
  return [{ type: 'member.removed', data: { memberId } }];
};

/** An organisation whose people lock themselves out has to be let in by somebody else. */
const refuseLastOwner = ({ members }: Organization, member: Member): void => {
  if (member.role !== 'owner') return;
  const owners = [...members.values()].filter(({ role }) => role === 'owner');
  if (owners.length > 1) return;
  throw new PartituraError('LAST_OWNER', `"${member.memberId}" is the last owner of this organization.`, {
    advice: 'Make somebody else an owner first.',
  });
};
