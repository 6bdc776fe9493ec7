import { type Ownership, ownerOf } from '../../events/index.ts';
import type { IndexedNode, KnowledgeChange, KnowledgeEdge, SearchHit } from '../port.ts';
import type { Row } from './connection.ts';
import { KnowledgeError } from './errors.ts';
import { plainWords, storable } from './words.ts';

/** What is stored is what was written, see `changeParameters`; before there were organisations it named none. */
export const nodeOf = (document: unknown): IndexedNode => {
  const stored = JSON.parse(String(document)) as Omit<IndexedNode, 'organizationId'> & Ownership;
  return { ...stored, organizationId: ownerOf(stored) };
};

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

export const hitOf = (row: Row): SearchHit => ({
  node: nodeOf(row.document),
  score: Number(row.score),
  textRank: numberOrNull(row.text_rank),
  vectorRank: numberOrNull(row.vector_rank),
});

export const edgeOf = (row: Row): KnowledgeEdge => ({
  from: String(row.from_id),
  to: String(row.to_id),
  relation: String(row.relation),
});

/**
 * As pgvector reads it; null for what points nowhere, whose angle to anything is no number.
 * @throws {KnowledgeError} `KNOWLEDGE_EMBEDDING_INVALID`
 */
export const vectorText = (embedding: readonly number[], dimensions: number): string | null => {
  if (embedding.length !== dimensions)
    throw invalid(`has ${embedding.length} numbers, not the ${dimensions} of the index`);
  if (!embedding.every((value) => Number.isFinite(Math.fround(value))))
    throw invalid('has a number that is none, or too large');
  return embedding.every((value) => Math.fround(value) === 0) ? null : `[${embedding.join(',')}]`;
};

const invalid = (what: string): KnowledgeError =>
  new KnowledgeError('KNOWLEDGE_EMBEDDING_INVALID', `An embedding ${what}.`, {
    advice: 'See that the embedder keeps to its dimensions.',
  });

/** $4 to $15 of `write.sql`. A statement may touch a row once: of a node that is given twice the later one counts. */
export const changeParameters = (
  { nodes, edges }: KnowledgeChange,
  dimensions: number,
): readonly unknown[] => {
  const last = [...new Map(nodes.map((node) => [node.nodeId, node])).values()];
  const each = <Value>(value: (node: IndexedNode) => Value): readonly Value[] => last.map(value);
  return [
    each(({ nodeId }) => storable(nodeId)),
    each(({ projectId }) => storable(projectId)),
    each(({ kind }) => kind),
    each((node) => JSON.stringify(node)),
    each(({ title }) => plainWords(title)),
    each(({ content, tags }) => plainWords(`${content}\n${tags.join(' ')}`)),
    each(({ embedding, retracted }) => (retracted ? null : vectorText(embedding, dimensions))),
    each(({ retracted }) => retracted),
    edges.map(({ from }) => storable(from)),
    edges.map(({ to }) => storable(to)),
    edges.map(({ relation }) => storable(relation)),
    each(({ organizationId }) => storable(organizationId)),
  ];
};
