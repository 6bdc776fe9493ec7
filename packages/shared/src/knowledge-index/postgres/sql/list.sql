-- A page after the cursor: a range of one of the three indexes. Rejected: `offset`, which reads what it skips and repeats or misses
-- nodes when some come in between.
select document from {schema}.nodes
where ($1::text is null or project_id = $1) and ($4::text is null or organization_id = $4) and node_id > $2
order by node_id
limit $3
