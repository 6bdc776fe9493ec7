import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '@partitura/shared/canonical';
import { asOrganizationId, defaultOrganization, type OrganizationId } from '@partitura/shared/events';
import { type Clock, type Logger, PartituraError } from '@partitura/shared/runtime';
import { type Caller, localCaller } from './caller.ts';
import { type ApiKey, isKeyShaped, readKey, sameHash } from './keys.ts';
import type { TokenHolder, Tokens } from './oidc.ts';
import { isExpired } from './operations/key-operations.ts';
import { memberIdOf } from './operations/member-operations.ts';
import { usedEveryMs } from './organizations/key-decisions.ts';
import { organizationNotFound } from './organizations/refusals.ts';
import type { Key } from './organizations/state.ts';
import type { Organizations } from './organizations.ts';

/** What a request shows of who sends it. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** `Partitura-Organization`. */
  readonly organization: string | undefined;
}

/** A refusal of somebody who is known, or says to be: worth a line in the organisation's audit. */
export class DeniedError extends PartituraError {
  readonly actor: string;
  readonly organizationId: OrganizationId;

  constructor(refusal: PartituraError, actor: string, organizationId: OrganizationId) {
    super(refusal.code, refusal.message, refusal.advice === null ? {} : { advice: refusal.advice });
    this.actor = actor;
    this.organizationId = organizationId;
  }
}

export interface Authenticator {
  /** @throws {PartituraError} `KEY_*`, `TOKEN_*`, `NOT_A_MEMBER`, `ORGANIZATION_NOT_FOUND`; {@link DeniedError} where it is known who */
  callerOf(credentials: Credentials): Promise<Caller>;
  /** Waits until what keys were used for is recorded. */
  close(): Promise<void>;
}

export interface AuthenticatorOptions {
  readonly organizations: Organizations;
  readonly tokens: Tokens | null;
  /** What the server was started with: an owner of the whole installation. */
  readonly bootstrapKey: string | null;
  /** Whether being on this machine is not enough. */
  readonly required: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const authenticator = (options: AuthenticatorOptions): Authenticator => {
  const { organizations, tokens, bootstrapKey, required, clock, logger } = options;
  const uses = new Map<string, Promise<void>>();

  /** Once an hour; who asked is not kept waiting for it. */
  const noteUse = ({ keyId, lastUsedAt }: Key, organizationId: OrganizationId): void => {
    const now = clock.now();
    if (lastUsedAt !== null && now - Date.parse(lastUsedAt) < usedEveryMs) return;
    if (uses.has(keyId)) return;
    const command = { kind: 'use_key', organizationId, keyId, at: new Date(now).toISOString() } as const;
    const commandId = `use_${keyId}.${Math.floor(now / usedEveryMs)}`;
    const metadata = {
      source: '/gateway',
      actor: 'service:gateway',
      correlationId: commandId,
      causationId: null,
      organizationId,
    };
    const noted = organizations
      .tell({ command, commandId, metadata })
      .then(
        () => undefined,
        (error: unknown) => logger.warn({ error, keyId }, 'the use of a key was not recorded'),
      )
      .finally(() => uses.delete(keyId));
    uses.set(keyId, noted);
  };

  const withKey = async (
    { keyId, organizationId, hash }: ApiKey,
    header: string | undefined,
  ): Promise<Caller> => {
    const organization = await organizations.recent(organizationId);
    const key = organization?.keys.get(keyId);
    if (!key) throw keyUnknown();
    const actor = `key:${keyId}`;
    const denied = (refusal: PartituraError) => new DeniedError(refusal, actor, organizationId);
    if (!sameHash(key.hash, hash)) throw denied(keyUnknown());
    if (key.revoked) throw denied(keyRevoked());
    if (isExpired(key, clock.now())) throw denied(keyExpired(key));
    if (header !== undefined && header !== organizationId) throw organizationNotFound(header);
    noteUse(key, organizationId);
    return { actor, organizationId, role: key.role, scopes: key.scopes };
  };

  const withToken = async (holder: TokenHolder, header: string | undefined): Promise<Caller> => {
    const organizationId = asOrganizationId(header ?? holder.organization ?? defaultOrganization);
    const actor = `user:${holder.subject}`;
    const organization = await organizations.recent(organizationId);
    const member =
      organization?.members.get(memberIdOf(holder.subject)) ??
      (holder.email === null ? undefined : organization?.members.get(holder.email));
    if (member) return { actor, organizationId, role: member.role, scopes: null };
    // One that does not exist is refused like one that exists for others.
    const refusal = notMember(organizationId);
    throw organization ? new DeniedError(refusal, actor, organizationId) : refusal;
  };

  const forInstallation = async (caller: Caller, header: string | undefined): Promise<Caller> => {
    if (header === undefined) return caller;
    const organizationId = asOrganizationId(header);
    if ((await organizations.recent(organizationId)) === null) throw organizationNotFound(header);
    return { ...caller, organizationId, ownsInstallation: true };
  };

  const byWhatIsShown = async (shown: string, header: string | undefined): Promise<Caller> => {
    if (bootstrapKey !== null && isSame(shown, bootstrapKey)) return forInstallation(localCaller, header);
    if (isKeyShaped(shown)) return withKey(keyIn(shown), header);
    if (tokens !== null && isTokenShaped(shown)) return withToken(await tokens.verify(shown), header);
    // Nobody else is served here, and a key for another server may be set in the environment.
    if (!required) return forInstallation(localCaller, header);
    throw keyUnknown();
  };

  return {
    callerOf: async ({ authorization, organization }) => {
      const header = checkedHeader(organization);
      const shown = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (shown !== undefined) return byWhatIsShown(shown, header);
      if (required) throw keyRequired();
      return forInstallation(localCaller, header);
    },
    close: async () => void (await Promise.all(uses.values())),
  };
};

/** @throws {PartituraError} `KEY_UNKNOWN` for what is mistyped, before anything is read */
const keyIn = (shown: string): ApiKey => {
  const key = readKey(shown);
  if (key === null) throw keyMistyped();
  return key;
};

/** Three parts: nothing else that is shown looks like it. */
const isTokenShaped = (text: string): boolean => /^[\w-]+\.[\w-]*\.[\w-]*$/.test(text);

/** By their hashes: neither the time it takes nor the length says anything of the key. */
const isSame = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(left)), Buffer.from(sha256(right)));

/** @throws {PartituraError} `BAD_ORGANIZATION` */
const checkedHeader = (header: string | undefined): string | undefined => {
  if (header === undefined || /^[a-z][a-z0-9_-]{1,39}$/.test(header)) return header;
  throw new PartituraError('BAD_ORGANIZATION', 'Partitura-Organization is the id of one organization.');
};

const show = 'Send it as "Authorization: Bearer <key>"; the command takes it from PARTITURA_API_KEY.';
const refusal = (code: string, message: string, advice: string): PartituraError =>
  new PartituraError(code, message, { advice });

const keyRequired = () => refusal('KEY_REQUIRED', 'This server asks for a key.', show);
const keyUnknown = () => refusal('KEY_UNKNOWN', 'This server does not know that key.', show);
const keyMistyped = () =>
  refusal(
    'KEY_UNKNOWN',
    'That is no key: it is cut off or mistyped.',
    'Copy it again, from ptk_ to its end.',
  );
const keyRevoked = () =>
  refusal('KEY_REVOKED', 'That key was revoked.', 'Make another one: partitura key create --name …');
const keyExpired = ({ expiresAt }: Key) =>
  refusal(
    'KEY_EXPIRED',
    `That key expired at ${expiresAt}.`,
    'Make another one: partitura key create --name …',
  );
const notMember = (organizationId: OrganizationId) =>
  refusal(
    'NOT_A_MEMBER',
    `You are no member of "${organizationId}".`,
    'Ask one of its owners, or name another organization with Partitura-Organization.',
  );
