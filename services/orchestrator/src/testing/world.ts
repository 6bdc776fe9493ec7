import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { inProcessEventBus, sqliteCheckpoints } from '@partitura/shared/event-bus';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  createRedactor,
  type RecordedEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { CallContext, OperationHandlers, Ownership } from '@partitura/shared/http';
import { inProcessJobQueue, type JobQueue } from '@partitura/shared/job-queue';
import type { TaskDefinition } from '@partitura/shared/planning';
import { noMetrics, PartituraError, silentLogger } from '@partitura/shared/runtime';
import { recorder, sequentialIds, virtualClock } from '@partitura/shared/runtime/testing';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { orchestratorService } from '../service.ts';
import { proposal } from './proposal.ts';
import { planAndSwarm } from './scenario.ts';

export const projectId = 'p_1';

export const call = (commandId: string, expectedRevision: number | null = null): CallContext => ({
  actor: 'user:test',
  organizationId: null,
  correlationId: commandId,
  commandId,
  expectedRevision,
});

/** Remembers what was enqueued, in all lives of the orchestrator. */
const watched = (queue: JobQueue, enqueued: { add(id: string): void }): JobQueue => ({
  ...queue,
  enqueue: async (name, jobs) => {
    await queue.enqueue(name, jobs);
    for (const { id } of jobs) enqueued.add(`${name}:${id}`);
  },
});

/**
 * An orchestrator on a real store, with a clock that the test moves. It can be stopped and started again on the same log, with an
 * empty queue: what a restart of the process is. What other services record is the owner's.
 */
export const openWorld = async (owner: Ownership = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-'));
  const clock = virtualClock();
  const redactor = createRedactor();
  const ids = sequentialIds();
  const blobs = memoryBlobStore();
  const store = openSqliteEventStore({ path: join(directory, 'events.db'), redactor });
  const enqueued = recorder<string>();
  const workflows = new Map([architectPlanSwarm, planAndSwarm].map((one) => [one.name, one]));

  const live = async (checkpoints = ':memory:') => {
    const kept = sqliteCheckpoints(checkpoints);
    const bus = inProcessEventBus({ store, checkpoints: kept, clock, checkpointIntervalMs: 0 });
    const service = orchestratorService({
      store,
      bus,
      queue: watched(inProcessJobQueue({ clock }), enqueued),
      blobs,
      clock,
      logger: silentLogger,
      metrics: noMetrics,
      redactor,
      workflows,
      repositoryFolders: [join(directory, 'repositories')],
      defaults: { model: 'rehearsal/rehearsal', fallbackModels: [], maxAgents: 4, sandbox: 'required' },
      requireModel: (name) => {
        if (name === 'rehearsal/rehearsal') return;
        throw new PartituraError('UNKNOWN_MODEL', `There is no model "${name}".`);
      },
    });
    const start = async () => {
      for (const component of service.components) await component.start();
    };
    const stop = async () => {
      for (const component of service.components.toReversed()) await component.stop(0);
      await bus.close();
      kept.close();
    };
    return { operations: service.operations as OperationHandlers, start, stop };
  };

  const events = async (stream: string): Promise<RecordedEvent[]> =>
    (await Array.fromAsync(store.readStream(stream as ReturnType<typeof streamName>))).flat();

  /** Until an event of this type is in the log, after which it answers all events of its stream. */
  const until = async (stream: string, type: string, count = 1): Promise<RecordedEvent[]> => {
    for (;;) {
      const found = await events(stream);
      if (found.filter((event) => event.type === type).length >= count) return found;
      // No time passes, but who fell asleep until a time that has come already wakes.
      await clock.advance(0);
    }
  };

  /** What another service records. */
  const record = async (
    category: 'plan' | 'agent' | 'merge' | 'project' | 'knowledge',
    id: string,
    runId: string,
    ...said: readonly { readonly type: string; readonly data: unknown }[]
  ): Promise<void> => {
    await store.append(
      streamName(category, id),
      said.map(({ type, data }) => ({
        id: ids.next('e'),
        type,
        version: versionOf(type),
        data,
        time: new Date(clock.now()).toISOString(),
        metadata: {
          source: '/test',
          actor: 'service:test',
          correlationId: runId,
          causationId: null,
          ...owner,
          projectId: asProjectId(projectId),
          runId: asRunId(runId),
        },
      })),
      'any',
    );
  };

  /** The planner proposes these tasks, the first time or after an edit of the PRD. */
  const propose = async (
    runId: string,
    tasks: readonly TaskDefinition[],
    planRevision = 1,
    change?: { readonly number: number; readonly dropped: readonly string[] },
  ): Promise<void> => record('plan', runId, runId, await proposal(blobs, tasks, planRevision, change));

  const close = async (): Promise<void> => {
    await store.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  };

  return { directory, clock, store, enqueued, live, events, until, record, propose, close };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
