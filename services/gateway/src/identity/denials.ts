import type { EventStore } from '@partitura/shared/event-store';
import {
  type AuditEvent,
  defaultOrganization,
  type OrganizationId,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { Clock, Ids, Logger } from '@partitura/shared/runtime';

/** Somebody who is known was refused. */
export interface Denial {
  readonly actor: string;
  /** Null: the whole installation's, which is told in the default one. */
  readonly organizationId: OrganizationId | null;
  readonly operation: string;
  readonly target: string;
  readonly code: string;
  readonly reason: string;
  readonly correlationId: string;
}

export interface Denials {
  /** Resolves when it is in the log, or counted. Never rejects: who is refused stays refused when the log is away. */
  record(denial: Denial): Promise<void>;
  /** Says what was only counted so far. */
  close(): Promise<void>;
}

export interface DenialsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Of one actor in a window. Default 10. */
  readonly singly?: number;
  /** Milliseconds. Default a minute. */
  readonly windowMs?: number;
}

interface Window {
  readonly first: Denial;
  readonly began: number;
  readonly codes: Set<string>;
  recorded: number;
  suppressed: number;
  suppressedFrom: number;
  last: number;
}

/**
 * Who was refused what, in the log of the organisation. A script with the wrong key asks as fast as it can: what goes beyond some
 * denials a minute is counted, and told as one event when the minute is over.
 */
export const recordDenials = (options: DenialsOptions): Denials => {
  const { store, clock, ids, logger, singly = 10, windowMs = 60_000 } = options;
  const windows = new Map<string, Window>();
  const closing = new AbortController();
  const summaries = new Set<Promise<void>>();

  const append = async (of: Denial, event: AuditEvent): Promise<void> => {
    const organizationId = of.organizationId ?? defaultOrganization;
    const { actor, correlationId } = of;
    const toAppend = {
      id: ids.next('d'),
      ...event,
      version: versionOf(event.type),
      time: new Date(clock.now()).toISOString(),
      metadata: { source: '/gateway', actor, correlationId, causationId: null, organizationId },
    };
    await store.append(streamName('audit', organizationId), [toAppend], 'any').catch((error: unknown) => {
      logger.error({ error, actor, event: event.type }, 'a denial could not be recorded');
    });
  };

  const sumUp = async (key: string, window: Window): Promise<void> => {
    await clock.sleep(windowMs, closing.signal).catch(() => undefined);
    windows.delete(key);
    const { first, suppressed: count, codes, suppressedFrom, last } = window;
    if (count === 0) return;
    const [from, until] = [new Date(suppressedFrom).toISOString(), new Date(last).toISOString()];
    const data = { count, codes: [...codes].sort(), from, until };
    await append(first, { type: 'access.denials_suppressed', data });
  };

  const windowOf = (denial: Denial): Window => {
    const key = JSON.stringify([denial.organizationId, denial.actor]);
    const known = windows.get(key);
    if (known) return known;
    const now = clock.now();
    const window: Window = {
      first: denial,
      began: now,
      codes: new Set(),
      recorded: 0,
      suppressed: 0,
      suppressedFrom: now,
      last: now,
    };
    windows.set(key, window);
    const summary = sumUp(key, window).finally(() => summaries.delete(summary));
    summaries.add(summary);
    return window;
  };

  return {
    record: async (denial) => {
      const window = windowOf(denial);
      if (window.recorded >= singly) {
        if (window.suppressed === 0) window.suppressedFrom = clock.now();
        window.suppressed += 1;
        window.last = clock.now();
        window.codes.add(denial.code);
        return;
      }
      window.recorded += 1;
      const { operation, target, code, reason } = denial;
      await append(denial, { type: 'access.denied', data: { operation, target, code, reason } });
    },
    close: async () => {
      closing.abort();
      await Promise.all(summaries);
    },
  };
};
