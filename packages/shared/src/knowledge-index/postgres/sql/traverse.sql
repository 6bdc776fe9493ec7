-- $1 start  $2 depth  $3 organisation or null. Nodes within so many edges, nearest first, and the edges among them, from one
-- snapshot. `union` drops what is the same at the same distance, so that a cycle costs a row per step and ends at the depth.
-- Times: median, 10,000 nodes with 20,000 edges, PGlite.
--
-- Rejected: joining nodes and edges to the recursion: the planner takes its result for large and reads both tables whole, 19 ms for
-- depth 1 instead of 1.2, 19 instead of 5 for depth 3. Rejected: one join with `or` for both ways: as fast where edges are few,
-- but up to the planner's mood (a bitmap or a scan of all edges). Rejected: paths in arrays against cycles: as fast up to depth 3,
-- then exponential. Rejected: one statement per step from the program: a round trip per step and no one snapshot.
-- Of an organisation: no step is taken from another's node, and none is shown. Rejected: a join with nodes, and `exists`: both may become
-- a hash of all nodes. Rejected: a look at the start first: nodes would be locked before edges, and clear.sql does it the other way.
with recursive around (node_id, distance) as (
  select $1::text collate "C", 0
  union
  select neighbours.node_id, around.distance + 1
  from around
  cross join lateral (
    select to_id from {schema}.edges where from_id = around.node_id
    union all
    select from_id from {schema}.edges where to_id = around.node_id
  ) as neighbours (node_id)
  where around.distance < $2
    and ($3::text is null or (select organization_id from {schema}.nodes where node_id = around.node_id) = $3)
), nearest as materialized (
  select node_id, min(distance) as distance from around group by node_id
), known as materialized (
  select node_id, document from {schema}.nodes
  where node_id = any (array(select node_id from nearest)) and ($3::text is null or organization_id = $3)
)
select document, null as from_id, null as to_id, null as relation, distance, node_id
from known join nearest using (node_id)
union all
select null, from_id, to_id, relation, null, null
from {schema}.edges
where from_id = any (array(select node_id from known)) and to_id = any (array(select node_id from known))
order by distance nulls last, node_id, from_id, to_id, relation
