import type { EventStore } from '@partitura/shared/event-store';
import { asPosition } from '@partitura/shared/events';
import {
  type CallContext,
  isThereFor,
  type KnowledgeNodeResource,
  type OperationHandlers,
} from '@partitura/shared/http';
import type { IndexedNode, KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import { PartituraError } from '@partitura/shared/runtime';
import type { Indexing } from '../indexing/indexing.ts';
import { requireProject } from './project-there.ts';

const readingTimeoutMs = 5_000;

const resourceOf = ({
  nodeId,
  organizationId: ___,
  embedding: _,
  lastUsedAt: __,
  ...node
}: IndexedNode): KnowledgeNodeResource => ({ id: nodeId, ...node });

type KnowledgeOperations = Pick<
  OperationHandlers,
  'listKnowledge' | 'listProjectKnowledge' | 'getKnowledge' | 'searchKnowledge' | 'getKnowledgeGraph'
>;

export const knowledgeOperations = (
  index: KnowledgeIndex,
  embedder: Embedder,
  indexing: Indexing,
  store: EventStore,
): KnowledgeOperations => {
  const caughtUp = async ({ after }: { readonly after?: string | undefined }): Promise<void> => {
    if (after !== undefined) await indexing.waitFor(asPosition(after), readingTimeoutMs);
  };
  /** A cursor is the last node of the page before. @throws {PartituraError} `BAD_CURSOR` for what is none, or another's */
  const requireCursor = async (context: CallContext, cursor: string | undefined): Promise<void> => {
    if (cursor === undefined) return;
    const [node] = await index.get([cursor]);
    if (node && isThereFor(context, node.organizationId)) return;
    throw new PartituraError('BAD_CURSOR', 'That is no cursor of this list.', {
      advice: 'Take nextCursor as the page before had it, or begin without one.',
    });
  };
  const pageOf = async (
    context: CallContext,
    projectId: string | null,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ) => {
    const { organizationId } = context;
    await requireCursor(context, cursor);
    const page = await index.list({
      organizationId,
      projectId,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: page.items.map(resourceOf), nextCursor: page.nextCursor };
  };
  return {
    listKnowledge: async ({ query }, context) => {
      await caughtUp(query);
      return pageOf(context, query.projectId ?? null, query);
    },
    listProjectKnowledge: async ({ params, query }, context) => {
      await caughtUp(query);
      await requireProject(store, context, params.id);
      return pageOf(context, params.id, query);
    },
    getKnowledge: async ({ params, query }, context) => {
      await caughtUp(query);
      const [node] = await index.get([params.id]);
      if (!node || !isThereFor(context, node.organizationId)) throw nothingKnown(params.id);
      return resourceOf(node);
    },
    searchKnowledge: async ({ query }, { organizationId }) => {
      await caughtUp(query);
      const [embedding = []] = await embedder.embed([query.q], AbortSignal.timeout(readingTimeoutMs));
      const hits = await index.search({
        text: query.q,
        embedding,
        organizationId,
        projectId: query.projectId ?? null,
        limit: query.limit,
      });
      return {
        embedder: embedder.name,
        items: hits.map(({ score, node }) => ({ score, node: resourceOf(node) })),
      };
    },
    getKnowledgeGraph: async ({ query }, context) => {
      await caughtUp(query);
      const { nodes, edges } = await index.traverse(query.start, query.depth, context);
      if (nodes.length === 0) throw nothingKnown(query.start);
      return { nodes: nodes.map(resourceOf), edges: [...edges] };
    },
  };
};

/** Also of what another organisation knows. */
export const nothingKnown = (id: string): PartituraError =>
  new PartituraError('KNOWLEDGE_NOT_FOUND', `Nothing is known under "${id}".`);
