import { KnowledgeError } from './errors.ts';

/** PostgreSQL 15 lets only owners create in `public` and is the oldest that is tested here. */
const oldestServer = 15;

/** Iterative scans: without them a filter leaves too few of what the vector index finds. */
const oldestExtension = [0, 8] as const;

export interface ServerFacts {
  /** `server_version_num`: 150018. */
  readonly serverVersion: number;
  /** pgvector's version in this database; null when it has to be created. */
  readonly installed: string | null;
  /** The version the server could create; null when it has none. */
  readonly available: string | null;
}

/** @throws {KnowledgeError} `KNOWLEDGE_VERSION_UNSUPPORTED`, `KNOWLEDGE_EXTENSION_MISSING` */
export const checkServer = (where: string, { serverVersion, installed, available }: ServerFacts): void => {
  if (serverVersion < oldestServer * 10_000)
    throw new KnowledgeError(
      'KNOWLEDGE_VERSION_UNSUPPORTED',
      `PostgreSQL at ${where} is version ${Math.floor(serverVersion / 10_000)}; the knowledge index needs ${oldestServer} or newer.`,
      { advice: 'Upgrade PostgreSQL, or point PARTITURA_KNOWLEDGE_URL to a newer one.' },
    );
  const version = installed ?? available;
  if (version === null)
    throw new KnowledgeError(
      'KNOWLEDGE_EXTENSION_MISSING',
      `PostgreSQL at ${where} has no pgvector: the extension "vector" is not available.`,
      {
        advice:
          'Install pgvector 0.8 or newer on the server (Debian: postgresql-<version>-pgvector of the PostgreSQL project’s repository; container: pgvector/pgvector).',
      },
    );
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestExtension[0] || minor >= oldestExtension[1]) return;
  throw new KnowledgeError(
    'KNOWLEDGE_VERSION_UNSUPPORTED',
    `pgvector in PostgreSQL at ${where} is version ${version}; the knowledge index needs ${oldestExtension.join('.')} or newer.`,
    {
      advice:
        'Install a newer pgvector on the server, and let an administrator run, in this database: alter extension vector update.',
    },
  );
};

/** What pgvector's HNSW takes: full precision up to 2,000 dimensions, half of it up to 4,000. */
export const vectorTypeFor = (dimensions: number): 'vector' | 'halfvec' => {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 4_000)
    throw new KnowledgeError(
      'KNOWLEDGE_DIMENSIONS_UNSUPPORTED',
      `An embedder with ${dimensions} dimensions cannot be indexed by pgvector, which takes up to 4,000.`,
      { advice: 'Use an embedder with fewer dimensions.' },
    );
  return dimensions <= 2_000 ? 'vector' : 'halfvec';
};
