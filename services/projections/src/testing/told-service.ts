import type { BlobStore } from '@partitura/shared/blobs';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import type { OrganizationId } from '@partitura/shared/events';
import {
  type CallContext,
  type OperationHandlers,
  type OperationName,
  operations,
} from '@partitura/shared/http';
import { type Happening, tellStore } from '@partitura/shared/http/testing';
import type { PlanDocument } from '@partitura/shared/planning';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { projectionsService } from '../service.ts';

/** What was asked beside the operation; the query as a request has it. */
export interface Asked {
  readonly params?: object;
  readonly query?: object;
  /** Default: whoever may see everything. */
  readonly organizationId?: OrganizationId | null;
}

/** The read models of a log that somebody was told, in memory. */
export interface ToldService {
  readonly store: EventStore;
  readonly handlers: OperationHandlers;
  /** What the operation answers, in whatever shape. */
  readonly ask: (name: OperationName, asked?: Asked) => Promise<unknown>;
  /** Goes on, and waits until it can be read. `from` is how many were told before: times go on from there. Default: as many as there are. */
  readonly tell: (happenings: readonly Happening[], from?: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

type Story = readonly Happening[] | ((blobs: BlobStore) => Promise<readonly Happening[]>);

export const asker = (organizationId: OrganizationId | null = null): CallContext => ({
  actor: 'user:tester',
  organizationId,
  correlationId: 'q1',
  commandId: 'c1',
  expectedRevision: null,
});

export const toldService = async (story: Story): Promise<ToldService> => {
  const store = openSqliteEventStore({ path: ':memory:' });
  const readModels = openSqliteReadModels({ path: ':memory:' });
  const blobs = memoryBlobStore();
  const service = projectionsService({ store, readModels, blobs, clock: systemClock, logger: silentLogger });
  await tellStore(store, typeof story === 'function' ? await story(blobs) : story);
  for (const component of service.components) await component.start();
  const caughtUp = async (): Promise<void> => service.waitFor(await store.head(), 60_000);
  await caughtUp();
  return {
    store,
    handlers: service.operations as OperationHandlers,
    ask: async (name, { params = {}, query = {}, organizationId = null } = {}) => {
      const handler = service.operations[name] as
        | ((input: object, context: CallContext) => Promise<unknown>)
        | undefined;
      if (!handler) throw new Error(`${name} has no handler.`);
      return handler(
        { params, query: operations[name].query.parse(query), body: null },
        asker(organizationId),
      );
    },
    tell: async (happenings, from) => {
      await tellStore(store, happenings, from ?? Number(await store.head()));
      await caughtUp();
    },
    stop: async () => {
      for (const component of service.components) await component.stop(1_000);
      await readModels.close();
      await store.close();
    },
  };
};

type Requirement = PlanDocument['requirements'][number];

/** A plan with these requirements, and with nothing to do. */
export const planFor = (requirements: readonly Pick<Requirement, 'id' | 'line'>[]) => ({
  requirements: requirements.map(({ id, line }) => ({
    ...{ id, line, sourceId: null, text: `It does ${id}.` },
    ...({ kind: 'functional', priority: 'must' } as const),
  })),
  questions: [],
  architecture: { document: '# As it is', technologies: [], risks: [] },
  tasks: [],
  estimate: {
    durationMs: { p50: 1, p90: 2 },
    costMicroUsd: { p50: 1, p90: 2 },
    tokens: { p50: 1, p90: 2 },
    criticalPath: [],
    criticalPathMs: 0,
    width: 1,
    schedule: [],
    simulations: 10,
  },
  risks: [],
});
