import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asOrganizationId,
  asProjectId,
  asRunId,
  createRedactor,
  type Position,
  type RecordedEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { inProcessJobQueue, type JobQueue } from '@partitura/shared/job-queue';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { type Clock, runComponents, silentLogger, systemClock } from '@partitura/shared/runtime';
import { seededRandomness, type VirtualClock } from '@partitura/shared/runtime/testing';
import { laneQueue } from '../delivering/courier.ts';
import type { Resolve } from '../sending/guarded-lookup.ts';
import { notifierService } from '../service.ts';

export type Operations = OperationHandlers;

let calls = 0;
/** Of somebody in an organisation; without one, of whoever runs the installation. */
export const contextOf = (
  organizationId: string | null = null,
  revision: number | null = null,
): CallContext => {
  calls += 1;
  return {
    actor: 'user:test',
    organizationId: organizationId === null ? null : asOrganizationId(organizationId),
    correlationId: 'test',
    commandId: `c_${calls}`,
    expectedRevision: revision,
  };
};

export interface WorldOptions {
  readonly clock?: Clock;
  readonly store?: EventStore;
  readonly readModels?: ReadModels;
  readonly queue?: JobQueue;
  readonly allow?: readonly string[];
  readonly resolve?: Resolve;
  readonly lookEveryMs?: number;
  /** Of the installation. */
  readonly key?: string;
}

/** A notifier on real ports, all of which may be another's too. */
export const startNotifier = async (options: WorldOptions = {}) => {
  const {
    clock = systemClock,
    store = openSqliteEventStore({ path: ':memory:', redactor: createRedactor() }),
    readModels = openSqliteReadModels({ path: ':memory:' }),
    queue = inProcessJobQueue({ clock }),
    allow = ['127.0.0.1'],
    resolve,
    lookEveryMs = 50,
    key = 'k'.repeat(32),
  } = options;
  const service = notifierService({
    store,
    readModels,
    queue,
    clock,
    randomness: seededRandomness(1),
    logger: silentLogger,
    configuration: { webhookAllow: [...allow] },
    installationSecrets: { current: key, previous: null },
    lookEveryMs,
    ...(resolve ? { resolve } : {}),
  });
  const running = await runComponents(service.components, { clock: systemClock, logger: silentLogger });
  // It owns all operations that the tests call.
  const operations = service.operations as Operations;

  /** Virtual time passes while nothing is under way: a request would be too late at once. */
  const turn = async (): Promise<void> => {
    await nextTurn();
    if (!isVirtual(clock)) return;
    const { active, waiting } = await queue.counts(laneQueue);
    if (active + waiting === 0) await clock.advance(lookEveryMs);
  };

  const deliveries = async (id: string) =>
    (
      await operations.listWebhookDeliveries(
        { params: { id }, query: { limit: 500 }, body: null },
        contextOf(),
      )
    ).items;

  return {
    store,
    readModels,
    queue,
    clock,
    operations,
    service,
    create: (url: string, more: Partial<CreateBody> = {}, context = contextOf()) =>
      operations.createWebhook(
        {
          params: {},
          query: {},
          body: { url, description: '', types: [], projectIds: [], runIds: [], ...more },
        },
        context,
      ),
    record: (runId: string, text: string, organizationId?: string) =>
      comment(store, clock, runId, [text], organizationId),
    /** In one append. */
    recordAll: (runId: string, texts: readonly string[]) => comment(store, clock, runId, texts),
    deliveries,
    /** Waits until the documents say so. */
    until: async <Found>(look: () => Promise<Found | null>): Promise<Found> => {
      for (;;) {
        const found = await look();
        if (found !== null) return found;
        await turn();
      }
    },
    /** Resolves when so many deliveries have the status. */
    settled: async (id: string, status: string, count: number) => {
      for (;;) {
        const items = (await deliveries(id)).filter((one) => one.status === status);
        if (items.length >= count) return items;
        await turn();
      }
    },
    events: async (types?: readonly string[]): Promise<readonly RecordedEvent[]> => {
      const all: RecordedEvent[] = [];
      for await (const { events } of store.readAll(types ? { filter: { types } } : {})) all.push(...events);
      return all;
    },
    stop: async (graceMs = 1_000) => {
      await running.stop(graceMs);
    },
  };
};

type CreateBody = Parameters<Operations['createWebhook']>[0]['body'];
export type World = Awaited<ReturnType<typeof startNotifier>>;

const isVirtual = (clock: Clock): clock is VirtualClock => 'advance' in clock;

let comments = 0;
/** The simplest thing that can happen in a run. */
const comment = async (
  store: EventStore,
  clock: Clock,
  runId: string,
  texts: readonly string[],
  organizationId?: string,
): Promise<Position> => {
  const events = texts.map((text) => ({
    id: `comment-${++comments}`,
    type: 'task.commented',
    version: versionOf('task.commented'),
    data: { taskId: `${runId}.T1`, text },
    time: new Date(clock.now()).toISOString(),
    metadata: {
      source: '/test',
      actor: 'user:test',
      correlationId: 'test',
      causationId: null,
      projectId: asProjectId('p_test'),
      runId: asRunId(runId),
      ...(organizationId === undefined ? {} : { organizationId: asOrganizationId(organizationId) }),
    },
  }));
  return (await store.append(streamName('run', runId), events, 'any')).position;
};
