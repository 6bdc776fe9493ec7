-- The checkpoint's compare-and-set, the nodes, what they are found by, and the edges: all or nothing.
-- $1 from  $2 to  $3 embedder  $4 node ids  $5 project ids  $6 kinds  $7 documents  $8 titles  $9 other words  $10 embeddings
-- $11 retracted  $12 edges from  $13 edges to  $14 relations  $15 organisations
--
-- Rejected: begin … commit around several statements. A process that is stopped in the middle keeps the checkpoint's row locked,
-- and every other one waits for it; and it is five round trips instead of one.
-- Rejected: select the checkpoint `for update`, compare in the program: the same.
with moved as (
  update {schema}.state set checkpoint = $2 where checkpoint = $1 and embedder = $3 returning only_row
), given as materialized (
  select * from unnest(
    $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[], $15::text[]
  ) as given (node_id, project_id, kind, document, title, other_words, embedding, retracted, organization_id)
  where exists (select from moved)
), known as (
  insert into {schema}.nodes (node_id, organization_id, project_id, document)
  select node_id, organization_id, project_id, document from given
  on conflict (node_id) do update set
    organization_id = excluded.organization_id, project_id = excluded.project_id, document = excluded.document
), forgotten as (
  delete from {schema}.findings using given where findings.node_id = given.node_id and given.retracted
), found as (
  insert into {schema}.findings (node_id, organization_id, project_id, kind, words, embedding)
  select
    node_id,
    organization_id,
    project_id,
    kind,
    setweight(to_tsvector('{schema}.words', title), 'A') || setweight(to_tsvector('{schema}.words', other_words), 'B'),
    embedding::{vector}
  from given where not retracted
  on conflict (node_id) do update set
    organization_id = excluded.organization_id, project_id = excluded.project_id, kind = excluded.kind,
    words = excluded.words, embedding = excluded.embedding
  -- A use or a score changes nothing here, and an unchanged vector is not inserted into the graph again.
  where (findings.organization_id, findings.project_id, findings.kind, findings.words, findings.embedding)
    is distinct from (excluded.organization_id, excluded.project_id, excluded.kind, excluded.words, excluded.embedding)
), tied as (
  insert into {schema}.edges (from_id, to_id, relation)
  select * from unnest($12::text[], $13::text[], $14::text[]) as edge (from_id, to_id, relation)
  where exists (select from moved)
  on conflict do nothing
)
select exists (select from moved) as moved
