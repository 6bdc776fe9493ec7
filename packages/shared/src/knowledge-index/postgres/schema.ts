import type { Connection, Session } from './connection.ts';
import { KnowledgeError } from './errors.ts';
import { checkServer } from './server-checks.ts';
import type { Migration, Statements } from './statements.ts';

export interface SchemaOptions {
  readonly where: string;
  readonly statements: Statements;
  readonly embedder: { readonly name: string; readonly dimensions: number };
}

/** Whoever changes a schema of ours holds this advisory lock: the first that comes does it, the others find it done. */
const lock = 7_014_200_511;

/**
 * Brings the schema up to date and makes it one for this embedder, in one transaction.
 * @throws {KnowledgeError} `KNOWLEDGE_VERSION_UNSUPPORTED`, `KNOWLEDGE_EXTENSION_MISSING`, `KNOWLEDGE_SCHEMA_NEWER`
 */
export const prepareSchema = async (connection: Connection, options: SchemaOptions): Promise<void> => {
  await connection.withSession(async (session) => {
    await checkFacts(session, options.where);
    await session.query('begin');
    await session.query(`select pg_advisory_xact_lock(${lock})`);
    await migrate(session, options);
    await beginForEmbedder(session, options);
    await session.query('commit');
  });
};

const checkFacts = async (session: Session, where: string): Promise<void> => {
  const [facts] = await session.query(
    `select current_setting('server_version_num')::int as server_version,
       (select extversion from pg_extension where extname = 'vector') as installed,
       (select default_version from pg_available_extensions where name = 'vector') as available`,
  );
  checkServer(where, {
    serverVersion: Number(facts?.server_version),
    installed: textOrNull(facts?.installed),
    available: textOrNull(facts?.available),
  });
};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Asks for no right it does not need: where all is there, reading and writing rows is enough. */
const migrate = async (session: Session, { where, statements }: SchemaOptions): Promise<void> => {
  const { schema, migrations } = statements;
  const [there] = await session.query(
    `select to_regnamespace($1) is not null as schema, to_regclass($2) is not null as migrations,
       exists (select from pg_extension where extname = 'vector') as extension`,
    [schema, `${schema}.migrations`],
  );
  if (!there?.extension) await session.query('create extension vector');
  if (!there?.schema) await session.query(`create schema ${schema}`);
  if (!there?.migrations)
    await session.query(
      `create table ${schema}.migrations (number integer primary key, name text not null, applied_at timestamptz not null default now())`,
    );
  const [applied] = await session.query(`select coalesce(max(number), 0) as last from ${schema}.migrations`);
  const last = Number(applied?.last);
  const newest = migrations.at(-1)?.number ?? 0;
  if (last > newest) throw newer(where, last, newest);
  for (const migration of migrations) if (migration.number > last) await apply(session, schema, migration);
};

const apply = async (session: Session, schema: string, { number, name, text }: Migration): Promise<void> => {
  await session.query(text);
  await session.query(`insert into ${schema}.migrations (number, name) values ($1, $2)`, [number, name]);
};

const newer = (where: string, last: number, known: number): KnowledgeError =>
  new KnowledgeError(
    'KNOWLEDGE_SCHEMA_NEWER',
    `The knowledge index in PostgreSQL at ${where} has schema ${last}; this program knows ${known}.`,
    {
      advice:
        'A newer Partitura has been here: run that one, or drop the schema, and the index comes back from the log.',
    },
  );

/** Vectors of another embedder cannot be compared with ours: everything begins again. */
const beginForEmbedder = async (session: Session, { statements, embedder }: SchemaOptions): Promise<void> => {
  const { schema, createFindings } = statements;
  const [state] = await session.query(
    `select embedder, dimensions, exists (
         select from pg_attribute where attrelid = to_regclass($1) and attname = 'embedding' and not attisdropped
       ) as findings
     from ${schema}.state`,
    [`${schema}.findings`],
  );
  if (state?.findings && state.embedder === embedder.name && state.dimensions === embedder.dimensions) return;
  // Locked in the order of clear.sql, for its reasons.
  await session.query(`lock table ${schema}.state in share row exclusive mode`);
  await session.query(`drop table if exists ${schema}.findings`);
  await session.query(`truncate ${schema}.edges, ${schema}.nodes`);
  await session.query(createFindings);
  await session.query(`update ${schema}.state set embedder = $1, dimensions = $2, checkpoint = ''`, [
    embedder.name,
    embedder.dimensions,
  ]);
};
