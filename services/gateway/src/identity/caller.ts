import type { OrganizationId } from '@partitura/shared/events';
import type { CallContext, Role } from '@partitura/shared/http';

/** Who a request comes from: found out once, before anything else is done for it. */
export interface Caller {
  /** `user:<name>` or `key:<id>`. */
  readonly actor: string;
  /** Null: the whole installation. */
  readonly organizationId: OrganizationId | null;
  readonly role: Role;
}

/** Whoever sits at this machine, where nobody else is served; and whoever has the key that the server was started with. */
export const localCaller: Caller = { actor: 'user:local', organizationId: null, role: 'owner' };

/** What is read on the way to an answer, with the rights of who asked for it. */
export const readingFor = (caller: Caller, correlationId: string): CallContext => ({
  actor: caller.actor,
  organizationId: caller.organizationId,
  correlationId,
  commandId: '',
  expectedRevision: null,
});
