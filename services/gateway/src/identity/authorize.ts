import { roles } from '@partitura/shared/events';
import type { Operation, Rights, Role } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { resourceOf, type ScopeNeed, scopeName, scopesCover } from './scopes.ts';

/** What somebody has to be allowed before something is done for them. */
export interface Need {
  readonly role: Role;
  readonly scope: ScopeNeed;
}

export const needOf = ({ path, method, role }: Pick<Operation, 'path' | 'method' | 'role'>): Need => ({
  role,
  scope: { resource: resourceOf(path), access: method === 'GET' ? 'read' : 'write' },
});

/** Events as they come, of whatever kind. */
export const followingEvents: Need = { role: 'viewer', scope: { resource: 'events', access: 'read' } };

export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);

/**
 * The one place that says who may do what: REST, streams, GraphQL and the WebSocket ask here.
 * @throws {PartituraError} `ROLE_TOO_LOW`, `SCOPE_MISSING`, each naming what is needed
 */
export const authorize = (rights: Rights, need: Need): void => {
  if (!isAtLeast(rights.role, need.role))
    throw new PartituraError('ROLE_TOO_LOW', `This needs the role ${need.role}; yours is ${rights.role}.`, {
      advice: 'Ask an owner of the organisation for the role, or for a key that has it.',
    });
  if (scopesCover(rights.scopes, need.scope)) return;
  const needed = scopeName(need.scope);
  throw new PartituraError('SCOPE_MISSING', `This needs the scope ${needed}, which this key does not have.`, {
    advice: `Make a key that has it: partitura key create --name … --scope ${needed}`,
  });
};
