import type { IdentityEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { isScope, scopeResources, scopeWithin } from '../scopes.ts';
import type { CommandOf } from './commands.ts';
import { refuseHigher } from './refusals.ts';
import type { Organization } from './state.ts';

type Events = readonly IdentityEvent[];

/** How often the use of a key is worth an event, in milliseconds. */
export const usedEveryMs = 3_600_000;

export const keyNotFound = (keyId: string): PartituraError =>
  new PartituraError('KEY_NOT_FOUND', `There is no API key "${keyId}".`);

/**
 * Nothing for a key that is there: its id is made from the command, so this is the same command again.
 * @throws {PartituraError} `ROLE_TOO_LOW`, `SCOPE_MISSING`, `BAD_SCOPE`, `BAD_EXPIRY`, `BAD_NAME`
 */
export const createKey = (command: CommandOf<'create_key'>, { keys }: Organization): Events => {
  const { keyId, name, role, expiresAt, hash, by, createdBy, at: createdAt } = command;
  if (keys.has(keyId)) return [];
  if (name.trim() === '') throw new PartituraError('BAD_NAME', 'A key has a name, to be told from others.');
  refuseHigher(by, role);
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.parse(createdAt))
    throw new PartituraError('BAD_EXPIRY', `The key would have expired at ${expiresAt}.`, {
      problems: [{ path: 'body.expiresAt', message: 'has to be in the future' }],
    });
  const scopes = scopesOf(command);
  return [
    {
      type: 'key.created',
      data: { keyId, name, role, scopes, expiresAt, createdAt, createdBy, hash },
    },
  ];
};

/** What was asked for, or all that the maker has. */
const scopesOf = ({ scopes, by }: CommandOf<'create_key'>): string[] | null => {
  if (scopes === null) return by.scopes && [...by.scopes];
  const unknown = scopes.filter((scope) => !isScope(scope));
  if (unknown.length > 0)
    throw new PartituraError(
      'BAD_SCOPE',
      `There is no scope ${unknown.map((one) => `"${one}"`).join(', ')}.`,
      {
        problems: [{ path: 'body.scopes', message: 'has scopes that are none' }],
        advice: `There are read, write, and RESOURCE:read, RESOURCE:write of ${[...scopeResources].sort().join(', ')}.`,
      },
    );
  const missing = scopes.find((scope) => !scopeWithin(by.scopes, scope));
  if (missing !== undefined)
    throw new PartituraError('SCOPE_MISSING', `Who does not have the scope ${missing} cannot give it away.`);
  return [...new Set(scopes)].sort();
};

/** @throws {PartituraError} `KEY_NOT_FOUND`, `ROLE_TOO_LOW` */
export const revokeKey = ({ keyId, by }: CommandOf<'revoke_key'>, { keys }: Organization): Events => {
  const key = keys.get(keyId);
  if (!key) throw keyNotFound(keyId);
  refuseHigher(by, key.role);
  return key.revoked ? [] : [{ type: 'key.revoked', data: { keyId } }];
};

export const useKey = ({ keyId, at: usedAt }: CommandOf<'use_key'>, { keys }: Organization): Events => {
  const key = keys.get(keyId);
  if (!key || key.revoked) return [];
  const last = key.lastUsedAt === null ? Number.NEGATIVE_INFINITY : Date.parse(key.lastUsedAt);
  return Date.parse(usedAt) - last < usedEveryMs ? [] : [{ type: 'key.used', data: { keyId, usedAt } }];
};
