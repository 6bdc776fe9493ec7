import type { EventStore } from '@partitura/shared/event-store';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { asProjectId, createRedactor, type Position, streamName, versionOf } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Embedder, featureHashingEmbedder } from '@partitura/shared/models';
import { type Clock, silentLogger } from '@partitura/shared/runtime';
import { sequentialIds } from '@partitura/shared/runtime/testing';
import { type Indexing, indexing } from '../indexing/indexing.ts';

/** An embedder that says what it was asked for: in the world it costs money. */
export const countingEmbedder = (): Embedder & { readonly texts: string[] } => {
  const texts: string[] = [];
  const embedder = featureHashingEmbedder();
  return {
    ...embedder,
    texts,
    embed: (asked, signal) => {
      texts.push(...asked);
      return embedder.embed(asked, signal);
    },
  };
};

/** A log of knowledge, and what writes to it. */
export const openLog = (clock: Clock, path = ':memory:') => {
  const store = openSqliteEventStore({ path, redactor: createRedactor() });
  const ids = sequentialIds();
  const record = async (type: string, data: object): Promise<Position> => {
    const metadata = {
      source: '/test',
      actor: 'service:test',
      correlationId: 'c',
      causationId: null,
      projectId: asProjectId('p_1'),
    };
    const time = new Date(clock.now()).toISOString();
    const event = { id: ids.next('e'), type, version: versionOf(type), data, metadata, time };
    return (await store.append(streamName('knowledge', 'p_1'), [event], 'any')).position;
  };
  return {
    store,
    add: (nodeId: string) =>
      record('knowledge.node_added', {
        nodeId,
        projectId: 'p_1',
        kind: 'pattern',
        memory: 'semantic',
        title: nodeId,
        content: `What is known of ${nodeId}`,
        tags: [],
        importance: 0.5,
        provenance: { eventId: 'e', position: '1', runId: null, taskId: null, agentId: null, commit: null },
      }),
    use: (nodeId: string, agentId: string) => record('knowledge.node_used', { nodeId, agentId }),
  };
};

export interface Indexer extends Indexing {
  readonly embedder: ReturnType<typeof countingEmbedder>;
}

export const indexer = (store: EventStore, index: KnowledgeIndex, clock: Clock): Indexer => {
  const embedder = countingEmbedder();
  return { ...indexing({ store, index, embedder, clock, logger: silentLogger }), embedder };
};
