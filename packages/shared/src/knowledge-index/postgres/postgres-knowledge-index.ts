import { asPosition, type Position } from '../../events/index.ts';
import { PartituraError, silentLogger } from '../../runtime/index.ts';
import type { IndexedNode, KnowledgeIndex } from '../port.ts';
import { connection, type Row } from './connection.ts';
import { isWiped, KnowledgeError } from './errors.ts';
import type { PostgresKnowledgeIndexOptions } from './options.ts';
import { patience } from './patience.ts';
import { postgresAddress } from './postgres-url.ts';
import { changeParameters, edgeOf, hitOf, nodeOf, vectorText } from './rows.ts';
import { prepareSchema } from './schema.ts';
import { statements } from './statements.ts';
import { anyOfTheWords, storable } from './words.ts';

/** How deep each ranking is read for every hit asked for, as the index in SQLite does. */
const depthPerHit = 5;
const leastDepth = 50;

export const connectKnowledgeIndex = async ({
  url,
  embedder,
  clock,
  logger = silentLogger,
  startTimeoutMs = 60_000,
  patienceMs = 20_000,
  schema = 'partitura',
  connections = 4,
}: PostgresKnowledgeIndexOptions): Promise<KnowledgeIndex> => {
  const address = postgresAddress(url);
  const { where } = address;
  const sql = statements(schema, embedder.dimensions);
  const server = connection({ address, clock, logger, connections });
  const patiently = patience({ where, clock, logger });
  const prepare = () => prepareSchema(server, { where, statements: sql, embedder });

  /** Somebody may have dropped the tables meanwhile: then it is an empty index again. */
  const queryOrRestore = async (text: string, values?: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return await server.query(text, values);
    } catch (error) {
      if (!isWiped(error)) throw error;
      logger.warn({ postgres: where, error }, 'the knowledge index was dropped; it is made anew');
      await prepare();
      return server.query(text, values);
    }
  };
  const ask = (text: string, values?: readonly unknown[]): Promise<readonly Row[]> =>
    patiently(() => queryOrRestore(text, values), patienceMs);

  const checkpointNow = async (): Promise<Position> => {
    const [state] = await ask(`select checkpoint, embedder from ${sql.schema}.state`);
    if (state?.embedder !== embedder.name)
      throw embedderChanged(where, String(state?.embedder), embedder.name);
    return asPosition(String(state.checkpoint));
  };

  const get = async (nodeIds: readonly string[]): Promise<readonly (IndexedNode | undefined)[]> => {
    const ids = nodeIds.map(storable);
    const rows = await ask(sql.get, [ids]);
    const found = new Map(rows.map((row) => [String(row.node_id), nodeOf(row.document)]));
    return ids.map((id) => found.get(id));
  };

  try {
    await patiently(prepare, startTimeoutMs);
  } catch (error) {
    await server.close();
    throw error;
  }

  return {
    write: async (change, { from, to }) => {
      const values = [from, to, embedder.name, ...changeParameters(change, embedder.dimensions)];
      const [result] = await ask(sql.write, values);
      if (!result?.moved) throw checkpointMoved(await checkpointNow(), from);
    },
    checkpoint: checkpointNow,
    get,
    list: async ({ organizationId, projectId, limit, cursor = '' }) => {
      const values = [storableOrNull(projectId), storable(cursor), limit + 1, storableOrNull(organizationId)];
      const rows = await ask(sql.list, values);
      const items = rows.slice(0, limit).map(({ document }) => nodeOf(document));
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.nodeId ?? null) : null };
    },
    search: async ({ text, embedding, organizationId, projectId, kinds, limit }) => {
      const values = [
        anyOfTheWords(text),
        vectorText(embedding, embedder.dimensions),
        embedder.name,
        kinds ?? null,
        Math.max(leastDepth, limit * depthPerHit),
        limit,
      ];
      const within = [storableOrNull(projectId), storableOrNull(organizationId)];
      const rows = await (within.every((one) => one === null)
        ? ask(sql.search, values)
        : ask(sql.searchWithin, [...values, ...within]));
      return rows.map(hitOf);
    },
    traverse: async (start, depth, { organizationId }) => {
      const rows = await ask(sql.traverse, [storable(start), depth, storableOrNull(organizationId)]);
      return {
        nodes: rows.flatMap(({ document }) => (document === null ? [] : [nodeOf(document)])),
        edges: rows.filter(({ document }) => document === null).map(edgeOf),
      };
    },
    clear: async () => {
      await ask(sql.clear);
    },
    close: server.close,
  };
};

const storableOrNull = (text: string | null): string | null => (text === null ? null : storable(text));

const checkpointMoved = (actual: Position, from: Position): PartituraError =>
  new PartituraError(
    'CHECKPOINT_MOVED',
    `The knowledge index is at "${actual}", not at "${from}": another instance was faster.`,
  );

const embedderChanged = (where: string, theirs: string, ours: string): KnowledgeError =>
  new KnowledgeError(
    'KNOWLEDGE_EMBEDDER_CHANGED',
    `The knowledge index in PostgreSQL at ${where} was begun again for the embedder ${theirs}; this process has ${ours}.`,
    { advice: 'Give every process the same embedder, and restart this one.' },
  );
