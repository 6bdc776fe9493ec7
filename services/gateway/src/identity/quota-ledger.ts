import { type EventStore, isRevisionConflict } from '@partitura/shared/event-store';
import {
  type OrganizationId,
  type QuotaEvent,
  type Quotas,
  recordedIn,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { CallContext } from '@partitura/shared/http';
import type { Clock, Ids } from '@partitura/shared/runtime';

export type Quota = Exclude<keyof Quotas, 'requestsPerMinute'>;

/** One that is about to be made, and whose it will be. */
export interface Reservation {
  readonly organizationId: OrganizationId;
  readonly quota: Quota;
  /** Of the project or the run. */
  readonly id: string;
}

/** Nothing is held where it is `full`; nor where it is `spoken_for`: by what may yet be refused, so that there is room again. */
export type Place = 'held' | 'full' | 'spoken_for';

type Pending = QuotaEvent['data']['pending'];

/**
 * What is about to be made, in the log: the one place where all gateways meet. Whoever counts reads it first and appends to it at
 * the revision that was read, so that two who count at the same moment are told so, and one of them counts again.
 */
export interface QuotaLedger {
  /**
   * Holds a place.
   * @param existing the ids of those that are there, as the log has them when it is asked; it is asked again after a conflict
   */
  reserve(
    wanted: Reservation,
    most: number,
    existing: () => Promise<ReadonlySet<string>>,
    context: CallContext,
  ): Promise<Place>;
  /** From now on only what exists counts. */
  settle(held: Reservation, context: CallContext): Promise<void>;
}

export interface QuotaLedgerOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Milliseconds after which whoever reserved is taken for dead, with what they were about to make: what was made counts without it.
 * Many times longer than any command may take.
 */
export const heldMs = 10 * 60_000;

export const quotaLedger = ({ store, clock, ids }: QuotaLedgerOptions): QuotaLedger => {
  const read = async (organizationId: OrganizationId) => {
    const pages = store.readStream(streamName('quota', organizationId), { direction: 'backwards', limit: 1 });
    const [last] = recordedIn('quota', (await Array.fromAsync(pages)).flat());
    return last
      ? { revision: last.revision, pending: last.data.pending }
      : { revision: 'no_stream' as const, pending: [] };
  };

  const othersIn = (pending: Pending, id: string): Pending =>
    pending.filter((one) => one.id !== id && clock.now() - Date.parse(one.reservedAt) < heldMs);

  /** False when another gateway appended meanwhile. */
  const append = async (
    { organizationId }: Reservation,
    event: QuotaEvent,
    expected: number | 'no_stream',
    { actor, correlationId, commandId }: CallContext,
  ): Promise<boolean> => {
    const recorded = {
      id: ids.next('e'),
      ...event,
      version: versionOf(event.type),
      time: new Date(clock.now()).toISOString(),
      metadata: { source: '/gateway', actor, correlationId, causationId: commandId, organizationId },
    };
    try {
      await store.append(streamName('quota', organizationId), [recorded], expected);
      return true;
    } catch (error) {
      if (isRevisionConflict(error)) return false;
      throw error;
    }
  };

  /** Null when another gateway decided meanwhile. */
  const tryToReserve: (...given: Parameters<QuotaLedger['reserve']>) => Promise<Place | null> = async (
    wanted,
    most,
    existing,
    context,
  ) => {
    const { organizationId, quota, id } = wanted;
    const { revision, pending } = await read(organizationId);
    // After that: what was settled before is among those that exist.
    const there = await existing();
    // The same command again, which has its place.
    if (there.has(id)) return 'held';
    if (there.size >= most) return 'full';
    const others = othersIn(pending, id);
    if (there.union(idsOf(others, quota)).size >= most) return 'spoken_for';
    const mine = { quota, id, reservedAt: new Date(clock.now()).toISOString() };
    const event: QuotaEvent = { type: 'quota.reserved', data: { id, pending: [...others, mine] } };
    return (await append(wanted, event, revision, context)) ? 'held' : null;
  };

  return {
    reserve: async (...given) => {
      for (;;) {
        const place = await tryToReserve(...given);
        if (place !== null) return place;
      }
    },
    settle: async (held, context) => {
      const { id } = held;
      for (;;) {
        const { revision, pending } = await read(held.organizationId);
        if (!pending.some((one) => one.id === id)) return;
        const event: QuotaEvent = { type: 'quota.settled', data: { id, pending: othersIn(pending, id) } };
        if (await append(held, event, revision, context)) return;
      }
    },
  };
};

const idsOf = (pending: Pending, quota: Quota): ReadonlySet<string> =>
  new Set(pending.filter((one) => one.quota === quota).map(({ id }) => id));
