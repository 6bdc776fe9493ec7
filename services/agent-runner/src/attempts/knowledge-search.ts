import { type KnowledgeNode, type Ownership, ownerOf } from '@partitura/shared/events';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { KnownPiece } from '../agents/materials.ts';
import { type Fork, mayKnow } from '../runs/forked-view.ts';
import type { FoundKnowledge } from '../tools/index.ts';

/** Where an agent looks: in the project of its run, as whoever the run belongs to. */
export interface Searcher {
  readonly projectId: string;
  readonly runId: string;
  /** What it was forked from: it is to know what was known then. */
  readonly forks: readonly Fork[];
  readonly owner: Ownership;
  /** What it is not to be told: the index may not have heard yet that it was retracted. */
  readonly distrusted: ReadonlySet<string>;
  readonly rejectedAttempts: ReadonlyMap<string, unknown>;
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

/** Not what was retracted, nor what is from an attempt of this run whose result was rejected. */
const isTrusted = (
  { distrusted, rejectedAttempts }: Searcher,
  { nodeId, provenance: { agentId } }: KnowledgeNode,
): boolean => !distrusted.has(nodeId) && (agentId === null || !rejectedAttempts.has(agentId));

export const knowledgeSearch = (
  index: Pick<KnowledgeIndex, 'search'> | null,
  embedder: Embedder,
): KnowledgeSearch => {
  const search = async (searcher: Searcher, text: string, limit: number, signal: AbortSignal) => {
    if (index === null || text.trim() === '') return [];
    const [embedding] = await embedder.embed([text], signal);
    const within = { organizationId: ownerOf(searcher.owner), projectId: searcher.projectId };
    const hits = await index.search({ ...within, text, embedding: embedding ?? [], limit });
    return hits.filter(({ node }) => isTrusted(searcher, node) && mayKnow(searcher, node));
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
