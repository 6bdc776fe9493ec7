import type { Clock, Logger } from '../../runtime/index.ts';

export interface MongoReadModelsOptions {
  /**
   * `mongodb://user:password@host:27017/database?authSource=admin`, several hosts with `replicaSet=…`, or `mongodb+srv://`.
   * Without a database: `partitura`.
   */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long the server may take to be there at start, in ms. Default 60 s. */
  readonly startTimeoutMs?: number;
}
