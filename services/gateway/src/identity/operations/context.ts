import { asOrganizationId, defaultOrganization, type OrganizationId } from '@partitura/shared/events';
import type { CallContext, Rights } from '@partitura/shared/http';
import type { CommandEnvelope } from '@partitura/shared/processing';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import type { Directory } from '../directory.ts';
import type { OrganizationCommand } from '../organizations/commands.ts';
import { organizationNotFound } from '../organizations/refusals.ts';
import type { Organizations } from '../organizations.ts';

export interface IdentityDependencies {
  readonly organizations: Organizations;
  readonly directory: Directory;
  readonly clock: Clock;
}

/** Who is told of nothing has no right to give any away. */
export const rightsOf = ({ rights }: CallContext): Rights => rights ?? { role: 'viewer', scopes: [] };

/** Whose keys and members it is about, when nothing says so. */
export const actingFor = ({ organizationId }: CallContext): OrganizationId =>
  organizationId ?? defaultOrganization;

/**
 * The organisation of the path.
 * @throws {PartituraError} `ORGANIZATION_NOT_FOUND` also for one that is another's
 */
export const named = (id: string, { organizationId }: CallContext): OrganizationId => {
  if (organizationId !== null && organizationId !== id) throw organizationNotFound(id);
  return asOrganizationId(id);
};

/** @throws {PartituraError} `INSTALLATION_ONLY` */
export const refuseUnlessInstallation = ({ organizationId }: CallContext, what: string): void => {
  if (organizationId === null) return;
  throw new PartituraError('INSTALLATION_ONLY', `${what} is for owners of the whole installation.`, {
    advice: 'Ask with the key that the server was started with, and without Partitura-Organization.',
  });
};

export const envelopeOf = (
  command: OrganizationCommand,
  { actor, correlationId, commandId }: CallContext,
): Omit<CommandEnvelope<OrganizationCommand>, 'at'> => ({
  command,
  commandId,
  metadata: {
    source: '/gateway',
    actor,
    correlationId,
    causationId: commandId,
    organizationId: command.organizationId,
  },
});

export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();
