import type { KnowledgeEdge, Within } from '../port.ts';
import type { Prepared } from './prepared.ts';

/**
 * Ids within `depth` edges of the start, whichever way the edges point; the start first. `union` ends it where edges go round. No step
 * is taken to what belongs to another organisation, so that nothing behind it is come to that way either.
 */
export const idsAround = (
  prepared: Prepared,
  start: string,
  depth: number,
  { organizationId }: Within,
): readonly string[] => {
  const isOwn = (id: string) =>
    organizationId === null ? 'true' : `(select organization_id from nodes where node_id = ${id}) = :whose`;
  const next = 'case when edges.from_id = around.node_id then edges.to_id else edges.from_id end';
  return prepared(
    `with recursive around (node_id, distance) as (
         select :start, 0 where ${isOwn(':start')}
         union
         select ${next}, around.distance + 1
         from around join edges on edges.from_id = around.node_id or edges.to_id = around.node_id
         where around.distance < :depth and ${isOwn(next)}
       )
       select node_id, min(distance) as nearest from around group by node_id order by nearest, node_id`,
  )
    .all({ start, depth, ...(organizationId === null ? {} : { whose: organizationId }) })
    .map((row) => String(row.node_id));
};

export const edgesAmong = (prepared: Prepared, ids: readonly string[]): readonly KnowledgeEdge[] => {
  const list = JSON.stringify(ids);
  return prepared(
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
