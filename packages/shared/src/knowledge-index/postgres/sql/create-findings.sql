-- What nodes are found by. Apart from the nodes, so that counting a use writes no vector and no word again; a node that was
-- retracted is not in here. Made for one embedder and made anew for another one, so it is no migration.
create table {schema}.findings (
  node_id text collate "C" primary key,
  project_id text collate "C" not null,
  kind text collate "C" not null,
  organization_id text collate "C" not null,
  words tsvector not null,
  -- Null for what points nowhere: a text without one word that says something has no meaning to compare.
  embedding {vector}({dimensions})
);
create index findings_by_project on {schema}.findings (project_id);
create index findings_by_organization on {schema}.findings (organization_id);
create index findings_by_words on {schema}.findings using gin (words);
create index findings_by_meaning on {schema}.findings using hnsw (embedding {vector}_cosine_ops);
