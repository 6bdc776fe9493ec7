import { type DomainEvent, type KnowledgeEvent, ownerOf, type RecordedEvent } from '@partitura/shared/events';
import type { IndexedNode, KnowledgeEdge } from '@partitura/shared/knowledge-index';

export type RecordedKnowledge = KnowledgeEvent extends infer Event
  ? Event extends DomainEvent
    ? RecordedEvent<Event>
    : never
  : never;

/** Nodes by id, as far as a batch of events touches them, and the edges it adds. */
export interface Touched {
  readonly nodes: Map<string, IndexedNode>;
  readonly edges: KnowledgeEdge[];
}

/** How much an attempt's outcome weighs against what is known of a node. */
const weight = 0.2;

const change = (touched: Touched, nodeId: string, update: (node: IndexedNode) => IndexedNode): void => {
  const node = touched.nodes.get(nodeId);
  if (node) touched.nodes.set(nodeId, update(node));
};

/** The node ids that an event touches. */
export const nodeIdsOf = (event: RecordedKnowledge): readonly string[] =>
  'nodeId' in event.data ? [event.data.nodeId] : [];

/** What an event changes. `embeddings` has the vector of each node that is added. */
export const foldKnowledge = (
  touched: Touched,
  event: RecordedKnowledge,
  embeddings: ReadonlyMap<string, readonly number[]>,
): void => {
  switch (event.type) {
    case 'knowledge.node_added': {
      if (touched.nodes.has(event.data.nodeId)) return;
      const embedding = embeddings.get(event.data.nodeId) ?? [];
      touched.nodes.set(event.data.nodeId, {
        ...event.data,
        organizationId: ownerOf(event.metadata),
        embedding,
        createdAt: event.time,
        usedCount: 0,
        score: 0,
        lastUsedAt: null,
        retracted: false,
      });
      return;
    }
    case 'knowledge.edge_added':
      touched.edges.push(event.data);
      return;
    case 'knowledge.node_used':
      change(touched, event.data.nodeId, (node) => ({
        ...node,
        usedCount: node.usedCount + 1,
        lastUsedAt: event.time,
      }));
      return;
    case 'knowledge.node_scored':
      change(touched, event.data.nodeId, (node) => ({
        ...node,
        score: node.score + weight * (event.data.score - node.score),
      }));
      return;
    case 'knowledge.source_rejected':
      return;
    case 'knowledge.node_confirmed':
      change(touched, event.data.nodeId, (node) => ({ ...node, retracted: false }));
      return;
    case 'knowledge.node_retracted':
      change(touched, event.data.nodeId, (node) => ({ ...node, retracted: true }));
      return;
  }
};
