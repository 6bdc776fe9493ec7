import type { KnowledgeNode, OrganizationId, Position } from '../events/index.ts';

export interface IndexedNode extends KnowledgeNode {
  /** Whose it is: of the event that added it. */
  readonly organizationId: OrganizationId;
  readonly embedding: readonly number[];
  readonly createdAt: string;
  readonly usedCount: number;
  readonly score: number;
  readonly lastUsedAt: string | null;
  readonly retracted: boolean;
}

export interface KnowledgeEdge {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
}

/** Whose knowledge is asked for; null for everybody's. What is another's is neither found nor on the way to anything. */
export interface Within {
  readonly organizationId: OrganizationId | null;
}

export interface HybridQuery extends Within {
  /** Plain words; no query syntax reaches the engine. */
  readonly text: string;
  readonly embedding: readonly number[];
  /** Null searches all projects. */
  readonly projectId: string | null;
  readonly kinds?: readonly KnowledgeNode['kind'][];
  readonly limit: number;
}

export interface SearchHit {
  readonly node: IndexedNode;
  /** Reciprocal rank fusion of both rankings: sum of 1 / (60 + rank). */
  readonly score: number;
  readonly textRank: number | null;
  readonly vectorRank: number | null;
}

export interface KnowledgeChange {
  readonly nodes: readonly IndexedNode[];
  readonly edges: readonly KnowledgeEdge[];
}

/** What is known, to be found by words, by meaning and by its neighbours. Comes back from the log when deleted. */
export interface KnowledgeIndex {
  /** Changes and checkpoint in one go, as a read model's. */
  write(change: KnowledgeChange, checkpoint: { from: Position; to: Position }): Promise<void>;
  checkpoint(): Promise<Position>;
  /** Whosever they are: for who brings the index up to the log, and checks whose it is before it tells anybody. */
  get(nodeIds: readonly string[]): Promise<readonly (IndexedNode | undefined)[]>;
  list(
    query: Within & { readonly projectId: string | null; readonly limit: number; readonly cursor?: string },
  ): Promise<{ items: readonly IndexedNode[]; nextCursor: string | null }>;
  /** Full text and vectors, fused. Retracted nodes are left out. */
  search(query: HybridQuery): Promise<readonly SearchHit[]>;
  /** Nodes within `depth` edges of the start, whichever way the edges point, and the edges among them. */
  traverse(
    start: string,
    depth: number,
    within: Within,
  ): Promise<{ nodes: readonly IndexedNode[]; edges: readonly KnowledgeEdge[] }>;
  clear(): Promise<void>;
  close(): Promise<void>;
}
