import { startEventStoreDb } from '../eventstoredb.ts';
import { startFerretDb } from '../ferretdb.ts';
import { startKafka } from '../kafka.ts';
import { startPglite } from '../pglite.ts';
import type { NativeServer } from '../program.ts';
import { startRedis } from '../redis.ts';
import { startS3 } from '../s3.ts';

/** In the order in which they are shown. */
export const engineNames = ['eventStore', 'kafka', 'redis', 'mongodb', 'postgres', 's3'] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineStart {
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Letters, digits, - and _. Of the user `partitura`, where the server knows users. */
  readonly password: string;
  readonly outlives: boolean;
}

export interface Engine {
  /** What Partitura takes it for. */
  readonly title: string;
  /** What it really is. */
  readonly is: string;
  /** What its URL is called in the environment. */
  readonly variable: `PARTITURA_${string}_URL`;
  readonly defaultPort: number;
  readonly start: (options: EngineStart) => Promise<NativeServer>;
}

const user = 'partitura';

/** The default ports are none that the same servers of the system would have. */
export const engines: Readonly<Record<EngineName, Engine>> = {
  eventStore: {
    title: 'EventStoreDB',
    is: 'a test server written to its protocol, with its log on disk; not EventStoreDB',
    variable: 'PARTITURA_EVENT_STORE_URL',
    defaultPort: 4610,
    start: ({ password: _, ...options }) => startEventStoreDb(options),
  },
  kafka: {
    title: 'Kafka',
    is: 'Apache Kafka, one node (KRaft)',
    variable: 'PARTITURA_BUS_URL',
    defaultPort: 4611,
    start: ({ password, ...options }) => startKafka({ ...options, users: { [user]: password } }),
  },
  redis: {
    title: 'Redis',
    is: 'Redis of the system, noeviction, with an append-only file',
    variable: 'PARTITURA_QUEUE_URL',
    defaultPort: 4612,
    start: startRedis,
  },
  mongodb: {
    title: 'MongoDB',
    is: 'FerretDB 1.x on SQLite, which speaks its wire protocol; not MongoDB',
    variable: 'PARTITURA_READ_MODELS_URL',
    defaultPort: 4613,
    start: ({ password, ...options }) =>
      startFerretDb({ ...options, credentials: { username: user, password } }),
  },
  postgres: {
    title: 'PostgreSQL',
    is: 'PGlite, PostgreSQL with pgvector compiled to WebAssembly, one session for all; takes any password',
    variable: 'PARTITURA_KNOWLEDGE_URL',
    defaultPort: 4614,
    start: ({ password: _, ...options }) => startPglite(options),
  },
  s3: {
    title: 'S3',
    is: 'the Versity S3 Gateway over a directory',
    variable: 'PARTITURA_BLOBS_URL',
    defaultPort: 4615,
    start: ({ password, ...options }) => startS3({ ...options, accessKey: user, secretKey: password }),
  },
};

/** Something for each of them, looked up when it is asked for. */
export const forEachEngine = <Value>(
  lookUp: (name: EngineName) => Value,
): Readonly<Record<EngineName, Value>> => ({
  get eventStore() {
    return lookUp('eventStore');
  },
  get kafka() {
    return lookUp('kafka');
  },
  get redis() {
    return lookUp('redis');
  },
  get mongodb() {
    return lookUp('mongodb');
  },
  get postgres() {
    return lookUp('postgres');
  },
  get s3() {
    return lookUp('s3');
  },
});
