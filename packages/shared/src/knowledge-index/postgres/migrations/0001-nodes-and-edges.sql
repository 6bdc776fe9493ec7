-- One row for the whole index: whose vectors it holds and how far it has come in the log. Every write changes it first, so that
-- of two processes with the same batch one waits for the other and then finds that the checkpoint has moved.
create table {schema}.state (
  only_row boolean primary key default true check (only_row),
  embedder text collate "C",
  dimensions integer,
  checkpoint text collate "C" not null default ''
);
insert into {schema}.state default values;

-- What is known, as JSON text: jsonb would refuse an escaped NUL in what an agent said.
create table {schema}.nodes (
  node_id text collate "C" primary key,
  project_id text collate "C" not null,
  document text not null
);
create index nodes_by_project on {schema}.nodes (project_id, node_id);

create table {schema}.edges (
  from_id text collate "C" not null,
  to_id text collate "C" not null,
  relation text collate "C" not null,
  primary key (from_id, to_id, relation)
);
create index edges_by_target on {schema}.edges (to_id, from_id);
