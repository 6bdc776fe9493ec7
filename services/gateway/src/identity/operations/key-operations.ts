import type { ApiKeyResource, OperationHandlers } from '@partitura/shared/http';
import { keyIdFrom, newKey, organizationOfKey } from '../keys.ts';
import { keyNotFound } from '../organizations/key-decisions.ts';
import type { Key } from '../organizations/state.ts';
import { actingFor, envelopeOf, type IdentityDependencies, isoNow, rightsOf } from './context.ts';
import { pageFrom } from './pages.ts';

export const keyOperations = ({
  organizations,
  clock,
}: IdentityDependencies): Pick<OperationHandlers, 'createApiKey' | 'listApiKeys' | 'revokeApiKey'> => ({
  createApiKey: async ({ body }, context) => {
    const organizationId = actingFor(context);
    const keyId = keyIdFrom(organizationId, context.commandId);
    const { text, hash } = newKey(keyId);
    const { name, role, scopes = null, expiresAt = null } = body;
    const command = {
      kind: 'create_key',
      organizationId,
      at: isoNow(clock),
      ...{ keyId, name, role, scopes, expiresAt, hash },
      by: rightsOf(context),
      createdBy: context.actor,
    } as const;
    const { events, position } = await organizations.tell(envelopeOf(command, context));
    // The same command again made another secret, which opens nothing: the first one's hash is what the log has.
    const isThis = events.some((event) => event.type === 'key.created' && event.data.hash === hash);
    return { id: keyId, secret: isThis ? text : null, position };
  },
  listApiKeys: async ({ query }, context) => {
    const { keys } = await organizations.fresh(actingFor(context));
    const now = clock.now();
    const newestFirst = (key: ApiKeyResource) => `${descending(Date.parse(key.createdAt))} ${key.id}`;
    return pageFrom(
      [...keys.values()].map((key) => presentKey(key, now)),
      newestFirst,
      query,
    );
  },
  revokeApiKey: async ({ params: { id } }, context) => {
    const organizationId = organizationOfKey(id);
    const allowed = organizationId !== null && [null, organizationId].includes(context.organizationId);
    if (!allowed) throw keyNotFound(id);
    const command = {
      kind: 'revoke_key',
      organizationId,
      keyId: id,
      at: isoNow(clock),
      by: rightsOf(context),
    } as const;
    // An organisation that does not exist has no keys; that it does not is nobody's business.
    if ((await organizations.recent(organizationId)) === null) throw keyNotFound(id);
    const { position } = await organizations.tell(envelopeOf(command, context));
    return { id, position };
  },
});

const latest = 9_999_999_999_999;
const descending = (time: number): string => String(latest - time).padStart(13, '0');

export const isExpired = ({ expiresAt }: Pick<Key, 'expiresAt'>, now: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now;

export const isActive = (key: Key, now: number): boolean => !key.revoked && !isExpired(key, now);

const presentKey = (key: Key, now: number): ApiKeyResource => {
  const { keyId, name, role, scopes, createdAt, createdBy, expiresAt, lastUsedAt } = key;
  const status = isExpired(key, now) ? 'expired' : 'active';
  return {
    id: keyId,
    name,
    role,
    scopes: scopes && [...scopes],
    status: key.revoked ? 'revoked' : status,
    createdAt,
    createdBy,
    expiresAt,
    lastUsedAt,
  };
};
