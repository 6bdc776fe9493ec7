import type { EventPage, EventStore } from '@partitura/shared/event-store';
import { type Position, type RecordedEvent, registry } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import { foldKnowledge, nodeIdsOf, type RecordedKnowledge, type Touched } from './fold.ts';
import { importedSources } from './imported-sources.ts';

export interface ApplyingDependencies {
  readonly store: EventStore;
  readonly index: KnowledgeIndex;
  readonly embedder: Embedder;
  readonly signal: AbortSignal;
}

/**
 * Folds a page into the index. `from` is where the index was when the page was asked for: were it read now, another instance's
 * write in between went unseen.
 * @throws {PartituraError} `CHECKPOINT_MOVED` when another instance has written since
 */
export type Applying = (page: EventPage, from: Position) => Promise<void>;

const isKnowledge = (event: RecordedEvent): event is RecordedKnowledge =>
  Object.hasOwn(registry.knowledge, event.type);

export const applying = ({ store, index, embedder, signal }: ApplyingDependencies): Applying => {
  const asOfHere = importedSources(store);
  /** Of nodes that are not written yet: when the index is away, what was paid for is not paid for again. */
  const paidFor = new Map<string, readonly number[]>();

  const embeddingsOf = async (
    events: readonly RecordedKnowledge[],
  ): Promise<ReadonlyMap<string, readonly number[]>> => {
    const added = events
      .flatMap((event) => (event.type === 'knowledge.node_added' ? [event.data] : []))
      .filter(({ nodeId }) => !paidFor.has(nodeId));
    if (added.length === 0) return paidFor;
    const texts = added.map(({ title, content }) => `${title}\n${content}`);
    const vectors = await embedder.embed(texts, signal);
    for (const [at, { nodeId }] of added.entries()) paidFor.set(nodeId, vectors[at] ?? []);
    return paidFor;
  };

  return async (page, from) => {
    const events = await asOfHere(page.events.filter(isKnowledge));
    const ids = [...new Set(events.flatMap(nodeIdsOf))];
    const [known, embeddings] = await Promise.all([index.get(ids), embeddingsOf(events)]);
    const touched: Touched = {
      nodes: new Map(known.flatMap((node) => (node ? [[node.nodeId, node]] : []))),
      edges: [],
    };
    for (const event of events) foldKnowledge(touched, event, embeddings);
    const change = { nodes: [...touched.nodes.values()], edges: touched.edges };
    await index.write(change, { from, to: page.position });
    paidFor.clear();
  };
};
