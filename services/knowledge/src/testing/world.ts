import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { inProcessEventBus, memoryCheckpoints } from '@partitura/shared/event-bus';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  createRedactor,
  type Ownership,
  type Position,
  type RecordedEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { type KnowledgeIndex, openSqliteKnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Embedder, featureHashingEmbedder } from '@partitura/shared/models';
import { noMetrics, silentLogger } from '@partitura/shared/runtime';
import { sequentialIds, virtualClock } from '@partitura/shared/runtime/testing';
import { knowledgeService } from '../service.ts';

export const context: CallContext = {
  actor: 'user:test',
  organizationId: null,
  correlationId: 'c',
  commandId: 'c',
  expectedRevision: null,
};

/** Knowledge on a real store, bus and index; the index survives in its file, and can be opened with another embedder. */
export const openWorld = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'knowledge-'));
  const clock = virtualClock();
  const ids = sequentialIds();
  const blobs = memoryBlobStore();
  const store = openSqliteEventStore({ path: join(directory, 'events.db'), redactor: createRedactor() });
  const openIndex = (embedder: Embedder): KnowledgeIndex =>
    openSqliteKnowledgeIndex({ path: join(directory, 'knowledge.db'), embedder });

  const live = async (embedder: Embedder = featureHashingEmbedder()) => {
    const bus = inProcessEventBus({ store, checkpoints: memoryCheckpoints(), clock });
    const index = openIndex(embedder);
    const ports = { store, bus, blobs, clock, logger: silentLogger, metrics: noMetrics, index, embedder };
    const service = knowledgeService(ports);
    for (const component of service.components) await component.start();
    const stop = async () => {
      for (const component of service.components.toReversed()) await component.stop(0);
      await bus.close();
      await index.close();
    };
    return { operations: service.operations as OperationHandlers, index, stop };
  };

  /** What an agent, a planner, or whoever owns the stream says. Answers where the log stands then. */
  const record = async (
    category: 'agent' | 'plan' | 'knowledge' | 'project' | 'run',
    id: string,
    type: string,
    data: unknown,
    projectId = 'p_1',
    owner: Ownership = {},
  ): Promise<Position> => {
    const metadata = {
      source: '/test',
      actor: 'service:test',
      correlationId: 'r_1',
      causationId: null,
      ...owner,
      projectId: asProjectId(projectId),
      runId: asRunId('r_1'),
    };
    const event = { id: ids.next('e'), type, version: versionOf(type), data, metadata };
    const time = new Date(clock.now()).toISOString();
    const { position } = await store.append(streamName(category, id), [{ ...event, time }], 'any');
    return position;
  };

  const known = async (projectId = 'p_1'): Promise<RecordedEvent[]> =>
    (await Array.fromAsync(store.readStream(streamName('knowledge', projectId)))).flat();

  /** Until so much is known. */
  const until = async (count: number, projectId = 'p_1'): Promise<RecordedEvent[]> => {
    for (;;) {
      const events = await known(projectId);
      if (events.length >= count) return events;
      await clock.advance(0);
    }
  };

  const close = async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  };
  return { clock, blobs, store, live, record, known, until, close };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
