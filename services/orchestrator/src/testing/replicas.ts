import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import type { EventBus } from '@partitura/shared/event-bus';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  createRedactor,
  type RecordedEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { OperationHandlers } from '@partitura/shared/http';
import type { Job, JobQueue } from '@partitura/shared/job-queue';
import { noMetrics, silentLogger } from '@partitura/shared/runtime';
import { virtualClock } from '@partitura/shared/runtime/testing';
import type { Workflow } from '@partitura/shared/workflows';
import { orchestratorService } from '../service.ts';
import { configuration, limit } from './scenario.ts';

export const projectId = 'p_1';

/** A queue that several processes share, and that a test can look into and wipe. */
export const sharedQueue = () => {
  const queues = new Map<string, Map<string, Job>>();
  const of = (name: string): Map<string, Job> => {
    const known = queues.get(name) ?? new Map<string, Job>();
    queues.set(name, known);
    return known;
  };
  let offered = 0;
  let away: Error | null = null;
  const queue: JobQueue = {
    enqueue: async (name, jobs) => {
      if (away) throw away;
      offered += jobs.length;
      for (const job of jobs) if (!of(name).has(job.id)) of(name).set(job.id, job);
    },
    remove: async (name, id) => void of(name).delete(id),
    work: () => Promise.reject(new Error('Nobody works here but the test.')),
    counts: async (name) => ({ waiting: of(name).size, delayed: 0, active: 0 }),
    close: async () => undefined,
  };
  return {
    queue,
    jobs: (): readonly (readonly [string, Job])[] =>
      [...queues].flatMap(([name, jobs]) => [...jobs.values()].map((job) => [name, job] as const)),
    wipe: () => queues.clear(),
    fail: (error: Error | null) => {
      away = error;
    },
    /** Jobs that were enqueued, again or in vain ones too. */
    offered: () => offered,
  };
};

/** Counts the events that are read, by the way they are. */
const counting = (store: EventStore) => {
  const read = { ofStreams: 0, calls: 0 };
  const counted: EventStore = {
    ...store,
    async *readStream(...given) {
      read.calls += 1;
      for await (const page of store.readStream(...given)) {
        read.ofStreams += page.length;
        yield page;
      }
    },
  };
  return { read, counted };
};

/** Orchestrators on one log and one queue, each with a memory of its own; events come as the test hands them over. */
export const openReplicas = (workflow: Workflow, sweepEveryMs = 10_000) => {
  const clock = virtualClock();
  const redactor = createRedactor();
  const blobs = memoryBlobStore();
  const store = openSqliteEventStore({ path: ':memory:', redactor });
  const shared = sharedQueue();
  const workflows = new Map([[workflow.name, workflow]]);

  const stops: (() => Promise<void>)[] = [];

  const replica = async () => {
    const handlers: ((events: readonly RecordedEvent[]) => Promise<void>)[] = [];
    const bus: EventBus = {
      subscribe: async ({ handle }) => {
        handlers.push(handle);
        return { lag: async () => 0, stop: async () => undefined };
      },
      ping: async () => undefined,
      close: async () => undefined,
    };
    const { read, counted } = counting(store);
    const service = orchestratorService({
      store: counted,
      bus,
      queue: shared.queue,
      blobs,
      clock,
      logger: silentLogger,
      metrics: noMetrics,
      redactor,
      workflows,
      defaults: { model: 'rehearsal/rehearsal', fallbackModels: [], maxAgents: 3, sandbox: 'required' },
      requireModel: () => undefined,
      sweepEveryMs,
    });
    for (const component of service.components) await component.start();
    const stop = async (): Promise<void> => {
      for (const component of service.components.toReversed()) await component.stop(0);
    };
    stops.push(stop);
    return {
      read,
      operations: service.operations as OperationHandlers,
      complaints: async () =>
        (await Promise.all(service.health.map(({ check }) => check()))).filter((one) => one !== null),
      stop,
      deliver: async (events: readonly RecordedEvent[]): Promise<void> => {
        for (const handle of handlers) await handle(events);
      },
    };
  };

  const createProject = async (): Promise<void> => {
    const { prd } = configuration();
    const type = 'project.created';
    await store.append(
      streamName('project', projectId),
      [
        {
          id: 'created',
          type,
          version: versionOf(type),
          data: {
            projectId,
            name: 'One',
            prd,
            repository: { url: '/somewhere', baseBranch: 'main' },
            stack: [],
            constraints: [],
            successCriteria: [],
            budget: limit({ microUsd: 1_000_000 }),
            workflow: workflow.name,
          },
          time: new Date(clock.now()).toISOString(),
          metadata: {
            source: '/test',
            actor: 'user:test',
            correlationId: projectId,
            causationId: null,
            projectId: asProjectId(projectId),
          },
        },
      ],
      'any',
    );
  };

  const close = async (): Promise<void> => {
    for (const stop of stops) await stop();
    await store.close();
  };

  return { clock, store, blobs, shared, replica, createProject, close };
};

export type Replica = Awaited<ReturnType<ReturnType<typeof openReplicas>['replica']>>;
