import type { KnowledgeIndex } from '../port.ts';
import type { PostgresKnowledgeIndexOptions } from './options.ts';

/**
 * Knowledge on PostgreSQL with pgvector, shared by any number of processes. The client is loaded here, not with the port. Waits
 * for the server, checks it, and brings the schema up to date.
 * @throws {KnowledgeError} `KNOWLEDGE_URL_INVALID`, `KNOWLEDGE_UNREACHABLE`, `KNOWLEDGE_CREDENTIALS_REFUSED`,
 * `KNOWLEDGE_DATABASE_MISSING`, `KNOWLEDGE_RIGHTS_MISSING`, `KNOWLEDGE_TLS_FAILED`, `KNOWLEDGE_VERSION_UNSUPPORTED`,
 * `KNOWLEDGE_EXTENSION_MISSING`, `KNOWLEDGE_SCHEMA_NEWER`, `KNOWLEDGE_DIMENSIONS_UNSUPPORTED`
 */
export const openPostgresKnowledgeIndex = async (
  options: PostgresKnowledgeIndexOptions,
): Promise<KnowledgeIndex> => {
  const { connectKnowledgeIndex } = await import('./postgres-knowledge-index.ts');
  return connectKnowledgeIndex(options);
};
