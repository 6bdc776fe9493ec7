import { PartituraError } from '../../runtime/errors.ts';

export type KnowledgeErrorCode =
  | 'KNOWLEDGE_URL_INVALID'
  | 'KNOWLEDGE_UNREACHABLE'
  | 'KNOWLEDGE_OUT_OF_RESOURCES'
  | 'KNOWLEDGE_READ_ONLY'
  | 'KNOWLEDGE_CLOSED'
  | 'KNOWLEDGE_CREDENTIALS_REFUSED'
  | 'KNOWLEDGE_DATABASE_MISSING'
  | 'KNOWLEDGE_RIGHTS_MISSING'
  | 'KNOWLEDGE_TLS_FAILED'
  | 'KNOWLEDGE_VERSION_UNSUPPORTED'
  | 'KNOWLEDGE_EXTENSION_MISSING'
  | 'KNOWLEDGE_SCHEMA_NEWER'
  | 'KNOWLEDGE_DIMENSIONS_UNSUPPORTED'
  | 'KNOWLEDGE_EMBEDDER_CHANGED'
  | 'KNOWLEDGE_EMBEDDING_INVALID'
  | 'KNOWLEDGE_FAILED';

/** What can be wrong with the PostgreSQL behind a knowledge index. */
export class KnowledgeError extends PartituraError {
  constructor(code: KnowledgeErrorCode, message: string, details: { advice?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'KnowledgeError';
  }
}

const textOf = (error: unknown): string => {
  // Where a name has several addresses there is one error for each, and none of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
};

/** SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or the system's code. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export const unreachable = (where: string, error: unknown): KnowledgeError =>
  new KnowledgeError(
    'KNOWLEDGE_UNREACHABLE',
    `PostgreSQL at ${where} does not answer: ${textOf(error) || codeOf(error) || 'no connection'}.`,
    { advice: 'Start PostgreSQL, or correct PARTITURA_KNOWLEDGE_URL.', cause: error },
  );

export const indexClosed = (where: string): KnowledgeError =>
  new KnowledgeError('KNOWLEDGE_CLOSED', `The knowledge index at ${where} is closed.`);

interface Known {
  readonly matches: (code: string, text: string) => boolean;
  readonly error: (where: string, text: string) => [KnowledgeErrorCode, string, string];
}

/** What no waiting heals. */
const refusals: readonly Known[] = [
  {
    matches: (code, text) => code.startsWith('28') || /SASL|password must be a string/.test(text),
    error: (where, text) => [
      'KNOWLEDGE_CREDENTIALS_REFUSED',
      `PostgreSQL at ${where} refuses the credentials: ${text}.`,
      'Put user and password into PARTITURA_KNOWLEDGE_URL, postgres://user:password@host:5432/database; percent-encode what is neither letter nor digit. If they are right, pg_hba.conf does not let this machine in.',
    ],
  },
  {
    matches: (code) => code === '3D000',
    error: (where, text) => [
      'KNOWLEDGE_DATABASE_MISSING',
      `PostgreSQL at ${where} has no such database: ${text}.`,
      'Create it (createdb), or correct the last part of PARTITURA_KNOWLEDGE_URL.',
    ],
  },
  {
    matches: (code) => code === '42501',
    error: (where, text) => [
      'KNOWLEDGE_RIGHTS_MISSING',
      `PostgreSQL at ${where} does not allow it: ${text}.`,
      'Let an administrator run, in this database: create extension if not exists vector; grant create on database <database> to <user>. The user must own the schema that it created.',
    ],
  },
  {
    matches: (code, text) =>
      /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code) ||
      /does not support SSL|SSL connection is required|no encryption/i.test(text),
    error: (where, text) => [
      'KNOWLEDGE_TLS_FAILED',
      `No TLS connection to PostgreSQL at ${where}: ${text}.`,
      '?sslmode=verify-full in PARTITURA_KNOWLEDGE_URL needs a server with TLS and a certificate this machine trusts (&sslrootcert=<path>); ?sslmode=disable is without TLS.',
    ],
  },
  {
    matches: (code, text) =>
      /extension "vector" is not available|could not open extension control file/.test(text) ||
      (code === '42704' && /type "(vector|halfvec)"/.test(text)),
    error: (where, text) => [
      'KNOWLEDGE_EXTENSION_MISSING',
      `PostgreSQL at ${where} has no pgvector: ${text}.`,
      'Install pgvector 0.8 or newer on the server (Debian: postgresql-<version>-pgvector of the PostgreSQL project’s repository; container: pgvector/pgvector), in a schema of the search path.',
    ],
  },
];

/** The server's SQLSTATEs and the client's errors that say nothing about what was asked for. */
const passing: readonly Known[] = [
  {
    matches: (code) => code.startsWith('53') || code === '58030',
    error: (where, text) => [
      'KNOWLEDGE_OUT_OF_RESOURCES',
      `PostgreSQL at ${where} has no more room: ${text}.`,
      'Give it more disk, memory or max_connections.',
    ],
  },
  {
    matches: (code) => code === '25006',
    error: (where, text) => [
      'KNOWLEDGE_READ_ONLY',
      `PostgreSQL at ${where} takes no writes: ${text}.`,
      'Connect to the primary, not to a standby.',
    ],
  },
];

const awayCodes =
  /^(08...|57P0[1-5]|40001|40P01|55P03|57014|ECONN[A-Z]+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE)$/;
const awayTexts =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end/;

const isAway = (error: unknown): boolean =>
  awayCodes.test(codeOf(error)) ||
  awayTexts.test(textOf(error)) ||
  (error instanceof AggregateError && error.errors.some(isAway));

/** Why an operation failed, with a code of ours. */
export const asKnowledgeError = (where: string, error: unknown): PartituraError => {
  if (error instanceof PartituraError) return error;
  const [code, text] = [codeOf(error), textOf(error)];
  const known = [...refusals, ...passing].find(({ matches }) => matches(code, text));
  if (known) {
    const [ours, message, advice] = known.error(where, text);
    return new KnowledgeError(ours, message, { advice, cause: error });
  }
  if (isAway(error)) return unreachable(where, error);
  return new KnowledgeError('KNOWLEDGE_FAILED', `PostgreSQL at ${where} failed: ${text}`, { cause: error });
};

const passes: ReadonlySet<string> = new Set([
  'KNOWLEDGE_UNREACHABLE',
  'KNOWLEDGE_OUT_OF_RESOURCES',
  'KNOWLEDGE_READ_ONLY',
]);

/** It may go well when it is tried again. */
export const isPassing = (error: PartituraError): boolean => passes.has(error.code);

/** A table, or a column or type or function of it, is not there: somebody dropped the index while it was in use. */
export const isWiped = (error: unknown): boolean =>
  ['42P01', '42703', '3F000', '42704', '42883'].includes(codeOf(error)) && !/extension/.test(textOf(error));
