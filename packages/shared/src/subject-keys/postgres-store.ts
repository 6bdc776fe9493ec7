import pg from 'pg';
import { asOrganizationId } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logging.ts';
import type { Clock } from '../runtime/ports.ts';
import type { KeptSubject, SubjectKeyStore } from './port.ts';

export interface PostgresSubjectKeysOptions {
  /** `postgres://user:password@host:5432/database` */
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the server may take to be there. */
  readonly startTimeoutMs: number;
}

/** Several processes that start together would create the same schema, and one of them would fail. Its number is nobody else's. */
const schema = `
  begin;
  select pg_advisory_xact_lock(7370626a);
  create schema if not exists partitura_subjects;
  create table if not exists partitura_subjects.subjects (
    id text primary key, organization_id text not null, declared_at text not null, secret text, erased_at text
  );
  commit;
`.replace('7370626a', String(0x7370_626a));

const connectWithinMs = 5_000;
const answerWithinMs = 10_000;
const pauseMs = 500;

/**
 * Keys of subjects in PostgreSQL, for several processes. What is erased is overwritten, and the table written anew without the old row. The
 * server's write-ahead log has the key, encrypted with the installation's, until it is recycled: see docs/erasure.md.
 * @throws {PartituraError} `SUBJECT_KEYS_FAILED` when it is not there in time, or does not let us in
 */
export const openPostgresSubjectKeys = async (
  options: PostgresSubjectKeysOptions,
): Promise<SubjectKeyStore> => {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: 'partitura-subject-keys',
    max: 2,
    connectionTimeoutMillis: connectWithinMs,
    query_timeout: answerWithinMs,
    keepAlive: true,
  });
  pool.on('error', (error) => options.logger.debug({ error }, 'an idle connection to PostgreSQL broke'));
  const ask = async (text: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
    } catch (error) {
      throw failed(error);
    }
  };
  try {
    // Several statements at once take no values.
    await untilThere(options, () => pool.query(schema));
  } catch (error) {
    await pool.end();
    throw failed(error);
  }

  return {
    add: async ({ id, organizationId, declaredAt, secret }) => {
      await ask(
        'insert into partitura_subjects.subjects (id, organization_id, declared_at, secret) values ($1, $2, $3, $4) on conflict (id) do nothing',
        [id, organizationId, declaredAt, secret],
      );
    },
    erase: async (id, erasedAt) => {
      await ask(
        'update partitura_subjects.subjects set secret = null, erased_at = $2 where id = $1 and secret is not null',
        [id, erasedAt],
      );
      // Also when it was erased before: whoever did so may have been killed before this.
      await ask('vacuum full partitura_subjects.subjects');
      const found = await ask('select id from partitura_subjects.subjects where id = $1', [id]);
      return found.length > 0;
    },
    all: async () =>
      (
        await ask(
          'select id, organization_id, declared_at, secret, erased_at from partitura_subjects.subjects order by id collate "C"',
        )
      ).map(subjectIn),
    mark: async () => {
      // Subjects never go: how many there are, and how many were erased, is never the same twice.
      const [counted] = await ask(
        'select count(*)::int as known, count(erased_at)::int as erased from partitura_subjects.subjects',
      );
      return `${counted?.known}/${counted?.erased}`;
    },
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
};

const untilThere = async (
  { clock, logger, startTimeoutMs }: PostgresSubjectKeysOptions,
  work: () => Promise<unknown>,
): Promise<void> => {
  const deadline = clock.now() + startTimeoutMs;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isAway(error) || clock.now() + pauseMs > deadline) throw error;
      logger.warn({ error }, 'The keys of subjects are not to be had; PostgreSQL is waited for.');
      await clock.sleep(pauseMs);
    }
  }
};

/** Not there, or on its way up; everything else no waiting would mend. */
const isAway = (error: unknown): boolean => {
  const code: unknown = Object(error).code;
  if (code === undefined) return /timeout|terminated/i.test(Error.isError(error) ? error.message : '');
  return ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', '57P03'].includes(String(code));
};

const subjectIn = (row: Readonly<Record<string, unknown>>): KeptSubject => ({
  id: String(row.id),
  organizationId: asOrganizationId(String(row.organization_id)),
  declaredAt: String(row.declared_at),
  secret: typeof row.secret === 'string' ? row.secret : null,
  erasedAt: typeof row.erased_at === 'string' ? row.erased_at : null,
});

const failed = (cause: unknown): PartituraError =>
  new PartituraError('SUBJECT_KEYS_FAILED', 'The keys of subjects in PostgreSQL cannot be had.', {
    advice: 'Look at PARTITURA_SUBJECT_KEYS_URL, and whether the server is there.',
    cause,
  });
