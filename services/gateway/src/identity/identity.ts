import type { EventStore } from '@partitura/shared/event-store';
import type { OperationHandlers } from '@partitura/shared/http';
import type { Clock, Ids, Logger } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';
import type { OperationCaller } from '../operation-caller.ts';
import { type Access, registerAccess } from './access.ts';
import { authenticator } from './authenticator.ts';
import { recordDenials } from './denials.ts';
import { organizationDirectory } from './directory.ts';
import { withNotedReads } from './noted-reads.ts';
import { type OidcSettings, oidcTokens } from './oidc.ts';
import { identityHandlers, withOwnOperations } from './operations/own-operations.ts';
import { openOrganizations } from './organizations.ts';
import { withQuotas } from './quotas.ts';
import { type RateLimitOptions, rateLimits } from './rate-limits.ts';
import { noReads, type Reads, recordReads } from './reads.ts';
import { withDenials } from './refused-calls.ts';

export interface IdentityOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The owners of all operations but the gateway's own. */
  readonly caller: OperationCaller;
  /** What the gateway owns besides. Default: nothing. */
  readonly own?: Partial<OperationHandlers>;
  /** What the server was started with: who has it owns the installation. */
  readonly apiKey: string | null;
  /** False: being on this machine is enough. */
  readonly keysRequired: boolean;
  readonly oidc: OidcSettings | null;
  readonly limits?:
    | (Pick<RateLimitOptions, 'perCaller' | 'refusedPerAddress' | 'windowSeconds'> & {
        /** See `QuotaOptions`. */
        readonly quotaPatienceMs?: number;
      })
    | undefined;
}

export interface Identity extends Access {
  /** All operations: the gateway's own as well, and others within the quotas of whoever they are for. */
  readonly caller: OperationCaller;
  /** Who looks at what beside operations. */
  readonly reads: Reads;
  /** Records what has only been counted so far. */
  close(): Promise<void>;
}

/** Who asks, what they may, and how much of it. Its hooks have to be there before the routes are. */
export const registerIdentity = async (app: FastifyInstance, options: IdentityOptions): Promise<Identity> => {
  const { store, clock, ids, logger, apiKey: bootstrapKey, keysRequired: required, oidc } = options;
  const organizations = openOrganizations(store, clock);
  const directory = organizationDirectory(store);
  const denials = recordDenials({ store, clock, ids, logger });
  // Without keys it is whoever sits at this machine: nobody that a record could name.
  const reads = required ? recordReads({ store, clock, ids, logger }) : noReads;
  const tokens = oidc && oidcTokens(oidc, clock);
  const asked = authenticator({ organizations, tokens, bootstrapKey, required, clock, logger });
  const { quotaPatienceMs: patienceMs, ...rates } = options.limits ?? {};
  const limits = await rateLimits(app, { organizations, localUnlimited: !required, ...rates });
  const access = registerAccess(app, { authenticator: asked, denials, limits, clock });
  const quotaOptions = { organizations, store, clock, ids, logger, patienceMs };
  const own = { ...identityHandlers({ organizations, directory, clock }), ...options.own };
  return {
    ...access,
    caller: withNotedReads(
      withDenials(withOwnOperations(withQuotas(options.caller, quotaOptions), own), denials),
      reads,
    ),
    reads,
    close: async () => {
      await reads.close();
      await denials.close();
      await asked.close();
    },
  };
};
