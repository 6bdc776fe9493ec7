import type { HybridQuery, IndexedNode, SearchHit } from '../port.ts';
import { fuseRankings } from '../reciprocal-rank-fusion.ts';
import type { Prepared } from './prepared.ts';
import { conditionsOf } from './within.ts';

/** How deep each ranking is read for every hit asked for: what only one of them ranks high must still be seen by the fusion. */
const depth = 5;
const fewest = 50;

/** Words and numbers of the question, each quoted: none of it can be read as query syntax. */
export const wordsQuery = (text: string): string =>
  [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]
    .slice(0, 64)
    .map((word) => `"${word}"`)
    .join(' OR ');

const byWords = (prepared: Prepared, query: HybridQuery, limit: number): string[] => {
  const words = wordsQuery(query.text);
  if (words === '') return [];
  const { sql, values } = conditionsOf(query);
  return prepared(
    // A word in the title says more of a node than one in its text.
    `select node_id from words join nodes on nodes.number = words.rowid
     where words match ? ${sql}
     order by bm25(words, 3.0, 1.0, 1.0), node_id limit ?`,
  )
    .all(words, ...values, limit)
    .map((row) => String(row.node_id));
};

/** What points nowhere, such as the vector of an empty text, is at no distance to anything. */
const byVector = (prepared: Prepared, query: HybridQuery, limit: number): string[] => {
  const vector = new Uint8Array(new Float32Array(query.embedding).buffer);
  const { sql, values } = conditionsOf(query);
  const within = sql === '' ? '' : `where number in (select number from nodes where true ${sql})`;
  return prepared(
    `select node_id from (
       select number, vec_distance_cosine(embedding, ?) as distance from vectors ${within}
       order by distance nulls last, number limit ?
     ) join nodes using (number)
     where distance is not null order by distance, node_id`,
  )
    .all(vector, ...values, limit)
    .map((row) => String(row.node_id));
};

/**
 * Both rankings, fused; kinds are filtered afterwards, for neither engine ranks by them. Only what may be among the hits is read: a node
 * comes with its vector, and parsing fifty of them took longer than finding them.
 */
export const searchNodes = (
  prepared: Prepared,
  query: HybridQuery,
  read: (ids: readonly string[]) => readonly (IndexedNode | undefined)[],
): readonly SearchHit[] => {
  const deep = Math.max(fewest, query.limit * depth);
  const fused = fuseRankings([byWords(prepared, query, deep), byVector(prepared, query, deep)]).slice(
    0,
    query.kinds ? undefined : query.limit,
  );
  const nodes = read(fused.map(({ id }) => id));
  return fused
    .flatMap(({ score, ranks }, index): SearchHit[] => {
      const node = nodes[index];
      if (!node || (query.kinds && !query.kinds.includes(node.kind))) return [];
      return [{ node, score, textRank: ranks[0] ?? null, vectorRank: ranks[1] ?? null }];
    })
    .slice(0, query.limit);
};
