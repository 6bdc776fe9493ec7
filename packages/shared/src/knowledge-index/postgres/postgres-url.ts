import { KnowledgeError } from './errors.ts';

export interface PostgresAddress {
  /** As given: holds the credentials. */
  readonly url: string;
  /** Host, port and database, for people: no credentials. */
  readonly where: string;
}

/**
 * `postgres://user:password@host[:5432]/database`, or `postgresql://`.
 * @throws {KnowledgeError} `KNOWLEDGE_URL_INVALID`; the message does not repeat the URL, which may hold a password
 */
export const postgresAddress = (url: string): PostgresAddress => {
  const parsed = URL.parse(url);
  if (!parsed) throw invalid('it is not a URL');
  const { protocol, hostname, port, pathname } = parsed;
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw invalid(`its scheme is ${protocol}//`);
  if (hostname === '') throw invalid('it names no host');
  const database = pathname.replace(/^\//, '');
  if (database === '' || database.includes('/')) throw invalid('it names no database');
  return { url, where: `${hostname}:${port || '5432'}/${database}` };
};

const invalid = (why: string): KnowledgeError =>
  new KnowledgeError('KNOWLEDGE_URL_INVALID', `The URL of the knowledge index cannot be used: ${why}.`, {
    advice:
      'PARTITURA_KNOWLEDGE_URL reads postgres://user:password@host:5432/database, with ?sslmode=verify-full for TLS; percent-encode what is neither letter nor digit in the password.',
  });
