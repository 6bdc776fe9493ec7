import { type Ownership, ownerOf } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { KnownPiece } from '../agents/materials.ts';
import type { FoundKnowledge } from '../tools/index.ts';

/** Where an agent looks: in the project of its run, as whoever the run belongs to. */
export interface Searcher {
  readonly projectId: string;
  readonly owner: Ownership;
}

/** What agents look up; nothing when there is no index. */
export interface KnowledgeSearch {
  /** What may help with a task, before it is begun. */
  forTask(searcher: Searcher, task: TaskDefinition, signal: AbortSignal): Promise<readonly KnownPiece[]>;
  find(
    searcher: Searcher,
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly FoundKnowledge[]>;
}

const forOneTask = 5;

export const knowledgeSearch = (
  index: Pick<KnowledgeIndex, 'search'> | null,
  embedder: Embedder,
): KnowledgeSearch => {
  const search = async ({ projectId, owner }: Searcher, text: string, limit: number, signal: AbortSignal) => {
    if (index === null || text.trim() === '') return [];
    const [embedding] = await embedder.embed([text], signal);
    const within = { organizationId: ownerOf(owner), projectId };
    return index.search({ ...within, text, embedding: embedding ?? [], limit });
  };
  return {
    forTask: async (searcher, task, signal) => {
      const hits = await search(searcher, `${task.title}\n${task.description}`, forOneTask, signal);
      return hits.map(({ node: { nodeId, kind, title, content } }) => ({ nodeId, kind, title, content }));
    },
    find: async (searcher, query, limit, signal) => {
      const hits = await search(searcher, query, limit, signal);
      return hits.map(({ node, score }) => ({
        nodeId: node.nodeId,
        kind: node.kind,
        title: node.title,
        text: node.content,
        score,
      }));
    },
  };
};
