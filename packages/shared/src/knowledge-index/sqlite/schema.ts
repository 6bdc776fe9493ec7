import type { DatabaseSync } from 'node:sqlite';
import { load } from 'sqlite-vec';

/**
 * One row per node, beside it the words (FTS5) and the vector (vec0) by which it is found. A node that was retracted keeps its
 * row and loses both.
 */
const tables = (dimensions: number): string => `
  create table if not exists settings (name text primary key, value text not null) strict;
  create table if not exists nodes (
    number integer primary key,
    node_id text not null unique,
    project_id text not null,
    document text not null
  ) strict;
  create index if not exists nodes_by_project on nodes (project_id, node_id);
  create table if not exists edges (
    from_id text not null,
    to_id text not null,
    relation text not null,
    primary key (from_id, to_id, relation)
  ) strict, without rowid;
  create index if not exists edges_by_target on edges (to_id);
  create virtual table if not exists words using fts5 (title, content, tags, tokenize = 'porter unicode61');
  create virtual table if not exists vectors using vec0 (embedding float[${dimensions}] distance_metric=cosine, project_id text partition key);
`;

/** Opens the tables for vectors of this embedder; those of another one, which cannot be compared with them, are dropped. */
export const prepareSchema = (
  database: DatabaseSync,
  embedder: { readonly name: string; readonly dimensions: number },
): void => {
  load(database);
  database.exec('pragma journal_mode = wal; pragma synchronous = normal;');
  database.exec('create table if not exists settings (name text primary key, value text not null) strict;');
  const before = database.prepare(`select value from settings where name = 'embedder'`).get()?.value;
  if (before !== undefined && before !== embedder.name) dropTables(database);
  database.exec(tables(embedder.dimensions));
  database.prepare(`insert or replace into settings (name, value) values ('embedder', ?)`).run(embedder.name);
};

export const dropTables = (database: DatabaseSync): void => {
  database.exec(`
    drop table if exists vectors;
    drop table if exists words;
    drop table if exists edges;
    drop table if exists nodes;
    delete from settings;
  `);
};
