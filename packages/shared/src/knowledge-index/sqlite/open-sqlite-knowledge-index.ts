import { DatabaseSync } from 'node:sqlite';
import { asPosition, beginning, type Ownership, ownerOf, type Position } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';
import type { IndexedNode, KnowledgeEdge, KnowledgeIndex } from '../port.ts';
import { preparedOnce } from './prepared.ts';
import { dropTables, prepareSchema } from './schema.ts';
import { searchNodes } from './search.ts';
import { edgesAmong, idsAround } from './traversal.ts';
import { conditionsOf } from './within.ts';

export interface SqliteKnowledgeIndexOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly embedder: { readonly name: string; readonly dimensions: number };
}

/**
 * Words in FTS5 and vectors in sqlite-vec, beside each other in one file. `synchronous` is NORMAL: it is a cache of the log, and
 * what a power cut takes of it is folded again from the checkpoint that went with it.
 */
export const openSqliteKnowledgeIndex = ({ path, embedder }: SqliteKnowledgeIndexOptions): KnowledgeIndex => {
  const database = new DatabaseSync(path, { allowExtension: true });
  prepareSchema(database, embedder);
  const prepared = preparedOnce(database);

  const read = (ids: readonly string[]): readonly (IndexedNode | undefined)[] => {
    const rows = prepared(
      'select node_id, document from nodes where node_id in (select value from json_each(?))',
    ).all(JSON.stringify(ids));
    const found = new Map(rows.map((row) => [String(row.node_id), nodeOf(row.document)] as const));
    return ids.map((id) => found.get(id));
  };

  const checkpointNow = (): Position =>
    asPosition(
      String(prepared(`select value from settings where name = 'checkpoint'`).get()?.value ?? beginning),
    );

  const putNode = (node: IndexedNode): void => {
    const document = JSON.stringify(node);
    const { number } = prepared(
      `insert into nodes (node_id, organization_id, project_id, document) values (?, ?, ?, ?)
         on conflict (node_id) do update set
           organization_id = excluded.organization_id, project_id = excluded.project_id, document = excluded.document
         returning number`,
    ).get(node.nodeId, node.organizationId, node.projectId, document) as { number: number };
    const row = BigInt(number);
    prepared('delete from words where rowid = ?').run(row);
    prepared('delete from vectors where number = ?').run(row);
    if (node.retracted) return;
    prepared('insert into words (rowid, title, content, tags) values (?, ?, ?, ?)').run(
      row,
      node.title,
      node.content,
      node.tags.join(' '),
    );
    prepared('insert into vectors (number, embedding) values (?, ?)').run(
      row,
      new Uint8Array(new Float32Array(node.embedding).buffer),
    );
  };

  const putEdge = ({ from, to, relation }: KnowledgeEdge): void => {
    prepared('insert or ignore into edges (from_id, to_id, relation) values (?, ?, ?)').run(
      from,
      to,
      relation,
    );
  };

  const inTransaction = (work: () => void): void => {
    database.exec('begin immediate');
    try {
      work();
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  };

  return {
    write: async ({ nodes, edges }, { from, to }) =>
      inTransaction(() => {
        const actual = checkpointNow();
        if (actual !== from) {
          throw new PartituraError(
            'CHECKPOINT_MOVED',
            `The knowledge index is at "${actual}", not at "${from}": another instance was faster.`,
          );
        }
        for (const node of nodes) putNode(node);
        for (const edge of edges) putEdge(edge);
        prepared(`insert or replace into settings (name, value) values ('checkpoint', ?)`).run(to);
      }),
    checkpoint: async () => checkpointNow(),
    get: async (ids) => read(ids),
    list: async ({ limit, cursor = '', ...query }) => {
      const { sql, values } = conditionsOf(query);
      const rows = prepared(
        `select document from nodes where node_id > ? ${sql} order by node_id limit ?`,
      ).all(cursor, ...values, limit + 1);
      const items = rows.slice(0, limit).map((row) => nodeOf(row.document));
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.nodeId ?? null) : null };
    },
    search: async (query) => searchNodes(prepared, query, read),
    traverse: async (start, depth, within) => {
      const nodes = read(idsAround(prepared, start, depth, within)).filter((node) => node !== undefined);
      return {
        nodes,
        edges: edgesAmong(
          prepared,
          nodes.map(({ nodeId }) => nodeId),
        ),
      };
    },
    clear: async () => {
      dropTables(database);
      prepareSchema(database, embedder);
    },
    close: async () => database.close(),
  };
};

/** What was stored before there were organisations names none. */
const nodeOf = (document: unknown): IndexedNode => {
  const stored = JSON.parse(String(document)) as Omit<IndexedNode, 'organizationId'> & Ownership;
  return { ...stored, organizationId: ownerOf(stored) };
};
