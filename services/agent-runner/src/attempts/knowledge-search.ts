import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { KnownPiece } from '../agents/materials.ts';
import type { FoundKnowledge } from '../tools/index.ts';

/** What agents look up; nothing when there is no index. */
export interface KnowledgeSearch {
  /** What may help with a task, before it is begun. */
  forTask(projectId: string, task: TaskDefinition, signal: AbortSignal): Promise<readonly KnownPiece[]>;
  find(
    projectId: string,
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
  const search = async (projectId: string, text: string, limit: number, signal: AbortSignal) => {
    if (index === null || text.trim() === '') return [];
    const [embedding] = await embedder.embed([text], signal);
    return index.search({ text, embedding: embedding ?? [], projectId, limit });
  };
  return {
    forTask: async (projectId, task, signal) => {
      const hits = await search(projectId, `${task.title}\n${task.description}`, forOneTask, signal);
      return hits.map(({ node: { nodeId, kind, title, content } }) => ({ nodeId, kind, title, content }));
    },
    find: async (projectId, query, limit, signal) => {
      const hits = await search(projectId, query, limit, signal);
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
