import type { OrganizationId } from '@partitura/shared/events';
import type { CallContext, Rights } from '@partitura/shared/http';

/** Who a request comes from: found out once, before anything else is done for it. */
export interface Caller extends Rights {
  /** `user:<name>` or `key:<id>`. */
  readonly actor: string;
  /** Null: the whole installation. */
  readonly organizationId: OrganizationId | null;
  /** They act for the organisation, and run all of it. */
  readonly ownsInstallation?: true;
}

/** Whoever sits at this machine, where nobody else is served; and whoever has the key that the server was started with. */
export const localCaller: Caller = { actor: 'user:local', organizationId: null, role: 'owner', scopes: null };

/** What of a caller goes along with each of its calls. */
export const callerContext = ({
  actor,
  organizationId,
  ownsInstallation,
  role,
  scopes,
}: Caller): Pick<CallContext, 'actor' | 'organizationId' | 'ownsInstallation' | 'rights'> => ({
  actor,
  organizationId,
  ...(ownsInstallation ? { ownsInstallation } : {}),
  rights: { role, scopes },
});

/** What is read on the way to an answer, with the rights of who asked for it. */
export const readingFor = (caller: Caller, correlationId: string): CallContext => ({
  ...callerContext(caller),
  correlationId,
  commandId: '',
  expectedRevision: null,
});
