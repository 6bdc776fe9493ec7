import type { DatabaseSync } from 'node:sqlite';
import type { KnowledgeEdge } from '../port.ts';

/** Ids within `depth` edges of the start, whichever way the edges point; the start first. `union` ends it where edges go round. */
export const idsAround = (database: DatabaseSync, start: string, depth: number): readonly string[] =>
  database
    .prepare(
      `with recursive around (node_id, distance) as (
         select ?, 0
         union
         select case when edges.from_id = around.node_id then edges.to_id else edges.from_id end, around.distance + 1
         from around join edges on edges.from_id = around.node_id or edges.to_id = around.node_id
         where around.distance < ?
       )
       select node_id, min(distance) as nearest from around group by node_id order by nearest, node_id`,
    )
    .all(start, depth)
    .map((row) => String(row.node_id));

export const edgesAmong = (database: DatabaseSync, ids: readonly string[]): readonly KnowledgeEdge[] => {
  const list = JSON.stringify(ids);
  return database
    .prepare(
      `select from_id, to_id, relation from edges
       where from_id in (select value from json_each(?)) and to_id in (select value from json_each(?))
       order by from_id, to_id, relation`,
    )
    .all(list, list)
    .map((row) => ({
      from: String(row.from_id),
      to: String(row.to_id),
      relation: String(row.relation),
    }));
};
