import { defaultOrganization, type IdentityEvent } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import type { CommandOf, OrganizationCommand } from './commands.ts';
import { createdOrganization, evolveOrganization } from './evolve.ts';
import { createKey, revokeKey, useKey } from './key-decisions.ts';
import { addMember, changeRole, removeMember } from './member-decisions.ts';
import { organizationExists, organizationNotFound, refuseStale } from './refusals.ts';
import { copyOrganization, type Organization, type OrganizationState, unlimited } from './state.ts';

type Events = readonly IdentityEvent[];

const create = ({ organizationId, name, quotas, at: createdAt }: CommandOf<'create'>): Events => {
  if (organizationId === defaultOrganization) throw organizationExists(organizationId);
  return [{ type: 'organization.created', data: { organizationId, name, quotas, createdAt } }];
};

const change = (command: CommandOf<'change'>, organization: Organization): Events => {
  refuseStale(command.ifRevision, organization.revision);
  const { requestsPerMinute, maxConcurrentRuns, maxProjects } = command.quotas;
  const before = organization.quotas;
  const quotas = {
    requestsPerMinute: requestsPerMinute === undefined ? before.requestsPerMinute : requestsPerMinute,
    maxConcurrentRuns: maxConcurrentRuns === undefined ? before.maxConcurrentRuns : maxConcurrentRuns,
    maxProjects: maxProjects === undefined ? before.maxProjects : maxProjects,
  };
  const name = command.name ?? organization.name;
  const same =
    name === organization.name &&
    quotas.requestsPerMinute === before.requestsPerMinute &&
    quotas.maxConcurrentRuns === before.maxConcurrentRuns &&
    quotas.maxProjects === before.maxProjects;
  return same ? [] : [{ type: 'organization.changed', data: { name, quotas } }];
};

const decideOn = (command: OrganizationCommand, organization: Organization): Events => {
  switch (command.kind) {
    case 'create':
      throw organizationExists(organization.id);
    case 'change':
      return change(command, organization);
    case 'add_member':
      return addMember(command, organization);
    case 'change_role':
      return changeRole(command, organization);
    case 'remove_member':
      return removeMember(command, organization);
    case 'create_key':
      return createKey(command, organization);
    case 'revoke_key':
      return revokeKey(command, organization);
    case 'use_key':
      return useKey(command, organization);
  }
};

const decide = (command: OrganizationCommand, state: OrganizationState): Events => {
  if (state !== null) return decideOn(command, state);
  if (command.kind === 'create') return create(command);
  if (command.organizationId !== defaultOrganization) throw organizationNotFound(command.organizationId);
  // It exists always; its stream begins with the first thing that is said of it.
  const data = {
    organizationId: defaultOrganization,
    name: 'Default',
    quotas: unlimited,
    createdAt: command.at,
  };
  const events = decideOn(command, createdOrganization(data));
  return events.length === 0 ? [] : [{ type: 'organization.created', data }, ...events];
};

/** Who belongs to an organisation, with what keys, and within what limits. */
export const organizationDecider: Decider<OrganizationState, OrganizationCommand, IdentityEvent> = {
  initial: () => null,
  decide,
  evolve: evolveOrganization,
  copy: copyOrganization,
};
