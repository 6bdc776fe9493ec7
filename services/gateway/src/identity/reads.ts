import type { EventStore } from '@partitura/shared/event-store';
import {
  type AuditEvent,
  defaultOrganization,
  type EventToAppend,
  type OrganizationId,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { Clock, Ids, Logger } from '@partitura/shared/runtime';
import type { Caller } from './caller.ts';

/** Somebody was shown something. */
export interface Read {
  readonly actor: string;
  /** Null: of the whole installation, which is told in the default one. */
  readonly organizationId: OrganizationId | null;
  readonly operation: string;
  readonly target: string;
  readonly correlationId: string;
}

export interface Reads {
  /** Notes it. It is in the log within about a second: see `intervalMs`. */
  note(read: Read): void;
  /** Notes it, and resolves when it is in the log; or, while that is away, when it was tried and is kept for later. */
  record(read: Read): Promise<void>;
  /** Says what was only noted so far. */
  close(): Promise<void>;
}

export interface ReadsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Milliseconds between two appends, and so the most that a process that is killed loses. Default a second. */
  readonly intervalMs?: number;
  /** Things told one by one in an interval; what is read beyond them is counted. Default 2,000. */
  readonly mostTold?: number;
}

type Told = Extract<AuditEvent, { type: 'access.read' }>['data']['reads'][number];

interface Looking {
  readonly first: Read;
  readonly told: Map<string, Told>;
  more: number;
}

/** Where reads of people are not recorded: nobody has to show who they are. */
export const noReads: Reads = {
  note: () => undefined,
  record: async () => undefined,
  close: async () => undefined,
};

/**
 * Who looked at what, in the log of the organisation: one append a second for each organisation, with one event for each who looked. A
 * list that is asked for again and again is told once a second, with how often. While the log is away what was read is kept, and no more of it
 * than in any other second.
 */
export const recordReads = (options: ReadsOptions): Reads => {
  const { store, clock, ids, logger, intervalMs = 1_000, mostTold = 2_000 } = options;
  const closing = new AbortController();
  let looking = new Map<string, Looking>();
  let told = 0;
  let flushing: Promise<void> | null = null;

  const enter = (read: Read, one: Told): void => {
    const who = JSON.stringify([read.organizationId, read.actor]);
    const known = looking.get(who) ?? { first: read, told: new Map<string, Told>(), more: 0 };
    looking.set(who, known);
    const what = `${one.operation} ${one.target}`;
    const before = known.told.get(what);
    if (before === undefined && told >= mostTold) {
      known.more += one.count;
      return;
    }
    if (before === undefined) told += 1;
    const { from = one.from, count = 0 } = before ?? {};
    known.told.set(what, { ...one, from, count: count + one.count });
  };

  const append = async (organizationId: OrganizationId, of: readonly Looking[]): Promise<void> => {
    const events = of.map((one) => eventOf(one, organizationId));
    try {
      await store.append(streamName('audit', organizationId), events, 'any');
    } catch (error) {
      logger.warn({ error, organizationId }, 'who read what could not be recorded yet');
      for (const one of of) putBack(one);
    }
  };

  const putBack = ({ first, told: reads, more }: Looking): void => {
    for (const one of reads.values()) enter(first, one);
    const known = looking.get(JSON.stringify([first.organizationId, first.actor]));
    if (known) known.more += more;
  };

  const eventOf = ({ first, told: reads, more }: Looking, organizationId: OrganizationId): EventToAppend => ({
    id: ids.next('a'),
    type: 'access.read',
    version: versionOf('access.read'),
    data: { reads: [...reads.values()], more },
    time: new Date(clock.now()).toISOString(),
    metadata: {
      source: '/gateway',
      actor: first.actor,
      correlationId: first.correlationId,
      causationId: null,
      organizationId,
    },
  });

  const flush = async (): Promise<void> => {
    const all = Map.groupBy(looking.values(), ({ first }) => first.organizationId ?? defaultOrganization);
    looking = new Map();
    told = 0;
    await Promise.all([...all].map(([organizationId, of]) => append(organizationId, of)));
  };

  /** Goes on for as long as there is something to say, and ends with the closing: then once more. */
  const flushInTurns = async (): Promise<void> => {
    while (looking.size > 0 && !closing.signal.aborted) {
      await clock.sleep(intervalMs, closing.signal).catch(() => undefined);
      await flush();
    }
    flushing = null;
  };

  const note = (read: Read): void => {
    const at = new Date(clock.now()).toISOString();
    const { operation, target } = read;
    enter(read, { operation, target, count: 1, from: at, until: at });
  };

  return {
    note: (read) => {
      note(read);
      flushing ??= flushInTurns();
    },
    record: async (read) => {
      note(read);
      await flush();
      // What could not be recorded was put back.
      if (looking.size > 0) flushing ??= flushInTurns();
    },
    close: async () => {
      closing.abort();
      await flushing;
      await flush();
    },
  };
};

/** What a caller of a route beside the table of operations looks at. */
export const readBy = (
  { actor, organizationId }: Caller,
  what: Pick<Read, 'operation' | 'target' | 'correlationId'>,
): Read => ({ actor, organizationId, ...what });
