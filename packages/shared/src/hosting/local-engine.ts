import { PartituraError, settings } from '../runtime/index.ts';
import type { DataPaths } from './data-paths.ts';
import type { Host } from './host.ts';

/** Schemes of engines that belong to one process. */
const local: ReadonlySet<string> = new Set(['sqlite', 'local', 'file']);

export type EngineSetting =
  | 'eventStoreUrl'
  | 'busUrl'
  | 'queueUrl'
  | 'readModelsUrl'
  | 'knowledgeUrl'
  | 'blobsUrl';

/** What each is when several processes share it, as advice. */
const sharedScheme: Readonly<Record<EngineSetting, string>> = {
  eventStoreUrl: 'esdb://host:2113 (EventStoreDB)',
  busUrl: 'kafka://host:9092 (Kafka)',
  queueUrl: 'redis://host:6379 (Redis)',
  readModelsUrl: 'mongodb://host:27017 (MongoDB)',
  knowledgeUrl: 'postgres://host:5432/partitura (PostgreSQL with pgvector)',
  blobsUrl: 's3://key:secret@host:9000/bucket (S3)',
};

export const isLocal = (configuration: Host['configuration'], setting: EngineSetting): boolean =>
  local.has(configuration[setting].split(':')[0] ?? '');

/**
 * Where the local engine keeps what it has.
 * @throws {PartituraError} `ENGINE_NOT_SHARED` in a process whose engines other processes have to reach too
 */
export const localPaths = (host: Host, setting: EngineSetting): DataPaths => {
  if (host.paths !== null) return host.paths;
  throw notShared(host, setting);
};

export const notShared = ({ configuration }: Host, setting: EngineSetting): PartituraError => {
  const { variable } = settings[setting];
  return new PartituraError(
    'ENGINE_NOT_SHARED',
    `${variable} is ${configuration[setting]}, which one process has for itself; services of several processes cannot meet there.`,
    {
      advice: `Set ${variable} to ${sharedScheme[setting]}, or run everything in one process: partitura up.`,
    },
  );
};
