import type { EventPage, EventStore } from '@partitura/shared/event-store';
import { type Position, type RecordedEvent, registry } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import { type Clock, type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import { foldKnowledge, nodeIdsOf, type RecordedKnowledge, type Touched } from './fold.ts';

export interface IndexingDependencies {
  readonly store: EventStore;
  readonly index: KnowledgeIndex;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Indexing extends Component {
  /** Resolves when the index has come to `position`. @throws {PartituraError} `READ_MODEL_BEHIND` when it has not by then */
  readonly waitFor: (position: Position, timeoutMs: number) => Promise<void>;
}

const isKnowledge = (event: RecordedEvent): event is RecordedKnowledge =>
  Object.hasOwn(registry.knowledge, event.type);

const pauseMs = 1_000;

/** Keeps the index up to the log, its checkpoint written with what it says. */
export const indexing = ({ store, index, embedder, clock, logger }: IndexingDependencies): Indexing => {
  const stopping = new AbortController();
  let following: Promise<void> | null = null;
  let reached: Position | null = null;
  const waiting = new Set<() => void>();

  const embeddingsOf = async (
    events: readonly RecordedKnowledge[],
  ): Promise<ReadonlyMap<string, readonly number[]>> => {
    const added = events.flatMap((event) => (event.type === 'knowledge.node_added' ? [event.data] : []));
    if (added.length === 0) return new Map();
    const vectors = await embedder.embed(
      added.map(({ title, content }) => `${title}\n${content}`),
      stopping.signal,
    );
    return new Map(added.map(({ nodeId }, at) => [nodeId, vectors[at] ?? []]));
  };

  /** `from` is where the index was when the page was asked for: were it read now, another instance's write in between went unseen. */
  const apply = async (page: EventPage, from: Position): Promise<void> => {
    const events = page.events.filter(isKnowledge);
    const ids = [...new Set(events.flatMap(nodeIdsOf))];
    const [known, embeddings] = await Promise.all([index.get(ids), embeddingsOf(events)]);
    const touched: Touched = {
      nodes: new Map(known.flatMap((node) => (node ? [[node.nodeId, node]] : []))),
      edges: [],
    };
    for (const event of events) foldKnowledge(touched, event, embeddings);
    await index.write(
      { nodes: [...touched.nodes.values()], edges: touched.edges },
      { from, to: page.position },
    );
    reached = page.position;
    for (const wake of waiting) wake();
  };

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        let from = await index.checkpoint();
        reached = from;
        const pages = store.subscribe({
          after: from,
          filter: { categories: ['knowledge'] },
          signal: stopping.signal,
        });
        for await (const page of pages) {
          await apply(page, from);
          from = page.position;
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.error({ error }, 'The knowledge index could not be brought up to the log; it is tried again.');
        await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
      }
    }
  };

  const hasReached = async (position: Position): Promise<boolean> => {
    if (reached !== null && reached >= position) return true;
    // What follows the last event of knowledge does not concern it.
    for await (const { events } of store.readAll({
      after: reached ?? (await index.checkpoint()),
      filter: { categories: ['knowledge'] },
      limit: 1,
    })) {
      return events.every((event) => event.position > position);
    }
    return true;
  };

  const waitFor = async (position: Position, timeoutMs: number): Promise<void> => {
    const deadline = clock.now() + timeoutMs;
    const behind = (): PartituraError =>
      new PartituraError('READ_MODEL_BEHIND', `Knowledge has not come to position ${position} yet.`, {
        advice: 'Ask again in a moment.',
      });
    for (;;) {
      const moved = new AbortController();
      const wake = (): void => moved.abort();
      // Before looking: the index may come to the position while the log is asked.
      waiting.add(wake);
      try {
        if (await hasReached(position)) return;
        const left = deadline - clock.now();
        if (left <= 0) throw behind();
        await clock.sleep(left, moved.signal).catch(() => undefined);
      } finally {
        waiting.delete(wake);
      }
    }
  };

  return {
    name: 'indexing',
    waitFor,
    start: async () => {
      following = follow();
    },
    stop: async () => {
      stopping.abort();
      await following;
    },
  };
};
