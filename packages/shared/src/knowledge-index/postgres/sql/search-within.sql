-- $1 words, as a tsquery  $2 embedding  $3 embedder  $4 kinds or null  $5 depth of each ranking  $6 limit  $7 project or null
-- $8 organisation or null; one of the two is given
-- Both rankings and their fusion, the sum of 1 / (60 + rank), in one statement. Times: median, 10,000 nodes of 256 dimensions, PGlite.
--
-- Meaning: every distance within the project, or the organisation; `+ 0` keeps the planner from the HNSW index. 0.5 ms for 20 nodes
-- of 10,000, 1.2 ms for 980, 8 ms for 9,000. Rejected: the HNSW index and the project as a filter: 0 of the 20 nodes are found, because all the nearest
-- are others'; with iterative scans 19 of them, in 12 ms. Rejected: leaving the choice to the planner, which is right only where it
-- has statistics, and nobody sees when it is not.
--
-- Rejected, words: ts_rank_cd: 171 ms where ts_rank takes 20 and every node has one of the words. ts_rank of all words alone: without
-- a weight for rarity, "the" and "of" outrank the word that was meant; so the words that are no stop words rank first (+5 ms).
-- Rejected, fusion: ranking in the program, which is two round trips and two snapshots.
-- An index that another process has begun again for another embedder is searched by words alone.
with by_words as materialized (
  select node_id, (row_number() over (order by telling desc, rank desc, node_id))::int as place
  from (
    select
      node_id,
      ts_rank('{0, 0, 0.33, 1}', words, to_tsquery('pg_catalog.english', $1), 1) as telling,
      -- A word in the title says more of a node than one in its text.
      ts_rank('{0, 0, 0.33, 1}', words, to_tsquery('{schema}.words', $1), 1) as rank
    from {schema}.findings
    where words @@ to_tsquery('{schema}.words', $1) and ($7::text is null or project_id = $7)
      and ($8::text is null or organization_id = $8) and ($4::text[] is null or kind = any ($4))
    order by telling desc, rank desc, node_id
    limit $5
  ) as best
), by_meaning as materialized (
  select node_id, (row_number() over (order by distance, node_id))::int as place
  from (
    select node_id, (embedding <=> $2) + 0 as distance
    from {schema}.findings
    where $3::text = (select embedder from {schema}.state) and ($7::text is null or project_id = $7)
      and ($8::text is null or organization_id = $8) and ($4::text[] is null or kind = any ($4))
    order by (embedding <=> $2) + 0
    limit $5
  ) as nearest
  where distance is not null
)
select
  nodes.document,
  by_words.place as text_rank,
  by_meaning.place as vector_rank,
  coalesce(1::float8 / (60 + by_words.place), 0) + coalesce(1::float8 / (60 + by_meaning.place), 0) as score
from by_words
full join by_meaning using (node_id)
join {schema}.nodes using (node_id)
order by score desc, node_id
limit $6
