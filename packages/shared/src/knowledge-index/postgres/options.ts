import type { Clock, Logger } from '../../runtime/index.ts';

export interface PostgresKnowledgeIndexOptions {
  /** `postgres://user:password@host:5432/database`; `?sslmode=verify-full` for TLS. */
  readonly url: string;
  /** The index holds vectors of one embedder; opened for another one, it begins again from the log. */
  readonly embedder: { readonly name: string; readonly dimensions: number };
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long PostgreSQL may take to be there at start, in ms. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** How long an operation waits for a PostgreSQL that has gone away, in ms. Default 20 s. */
  readonly patienceMs?: number;
  /** The schema of its tables, which sets installations in one database apart. Default `partitura`. */
  readonly schema?: string;
  /** Connections of this process at the most. Default 4. */
  readonly connections?: number;
}
