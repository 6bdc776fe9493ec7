import type { EventStore } from '@partitura/shared/event-store';
import {
  defaultOrganization,
  type IdentityEvent,
  type OrganizationId,
  streamName,
} from '@partitura/shared/events';
import {
  type CommandEnvelope,
  type CommandResult,
  commandHandler,
  type FoldedStream,
} from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { OrganizationCommand } from './organizations/commands.ts';
import { organizationDecider } from './organizations/decider.ts';
import { organizationNotFound } from './organizations/refusals.ts';
import { type Organization, type OrganizationState, unlimited } from './organizations/state.ts';

/** Organisations as the log has them. What is answered is not to be changed, and good until the next `await`. */
export interface Organizations {
  /** At most a second old; null for one that does not exist. */
  recent(id: OrganizationId): Promise<OrganizationState>;
  /** @throws {PartituraError} `ORGANIZATION_NOT_FOUND` */
  fresh(id: OrganizationId): Promise<Organization>;
  tell(envelope: Omit<CommandEnvelope<OrganizationCommand>, 'at'>): Promise<CommandResult<IdentityEvent>>;
}

/** How old what decides on access may be, in milliseconds: so long a key that another replica revoked may still be good here. */
const recentMs = 1_000;
/** Organisations that were asked for and may not exist: anybody can make one up. */
const mostRemembered = 10_000;

interface Look {
  readonly at: number;
  readonly exists: Promise<boolean>;
}

/** Folds each organisation from its own stream, keeps it, and reads only what was appended since. */
export const openOrganizations = (store: EventStore, clock: Clock): Organizations => {
  const handler = commandHandler(store, organizationDecider);
  const looks = new Map<OrganizationId, Look>();
  const streamOf = (id: OrganizationId) => streamName('identity', id);

  const look = (id: OrganizationId): Look => {
    const known = looks.get(id);
    // Also when the clock was set back: a look from the future would be good for ever.
    if (known && Math.abs(clock.now() - known.at) < recentMs) return known;
    const exists = handler.read(streamOf(id), { fresh: true }).then(({ state }) => state !== null);
    const fresh: Look = { at: clock.now(), exists };
    looks.delete(id);
    looks.set(id, fresh);
    exists.catch(() => {
      if (looks.get(id) === fresh) looks.delete(id);
    });
    forgetOldest();
    return fresh;
  };

  const forgetOldest = (): void => {
    for (const id of looks.keys()) {
      if (looks.size <= mostRemembered) return;
      looks.delete(id);
      handler.forget(streamOf(id));
    }
  };

  const stateOf = async (id: OrganizationId): Promise<OrganizationState> => {
    const stream = streamOf(id);
    if (!(await look(id).exists)) return null;
    // Not in memory only while a decision on it is not durable.
    return (handler.peek(stream) ?? (await handler.read(stream))).state;
  };

  return {
    recent: async (id) => (await stateOf(id)) ?? unlessDefault(id),
    fresh: async (id) => {
      const { state }: FoldedStream<OrganizationState> = await handler.read(streamOf(id), { fresh: true });
      const found = state ?? unlessDefault(id);
      if (found) return found;
      throw organizationNotFound(id);
    },
    tell: async (envelope) => {
      const { organizationId, at } = envelope.command;
      const result = await handler.handle(streamOf(organizationId), { ...envelope, at: Date.parse(at) });
      // Who changed it here sees it here at once.
      looks.delete(organizationId);
      return result;
    },
  };
};

/** The one that exists always, before anything was said of it. */
const unlessDefault = (id: OrganizationId): OrganizationState =>
  id === defaultOrganization
    ? {
        id,
        name: 'Default',
        quotas: unlimited,
        createdAt: new Date(0).toISOString(),
        revision: 0,
        members: new Map(),
        keys: new Map(),
      }
    : null;
