-- A page after the cursor: a range of one of the two indexes. Rejected: `offset`, which reads what it skips and repeats or misses
-- nodes when some come in between.
select document from {schema}.nodes
where ($1::text is null or project_id = $1) and node_id > $2
order by node_id
limit $3
