import { type BlobStore, openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { type EventBus, inProcessEventBus, sqliteCheckpoints } from '@partitura/shared/event-bus';
import { type DataDirectory, type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor, type Redactor } from '@partitura/shared/events';
import { inProcessJobQueue, type JobQueue } from '@partitura/shared/job-queue';
import { type KnowledgeIndex, openSqliteKnowledgeIndex } from '@partitura/shared/knowledge-index';
import { type Embedder, featureHashingEmbedder, type ModelDirectory } from '@partitura/shared/models';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import {
  type Clock,
  type Configuration,
  type Ids,
  type Logger,
  type PrometheusMetrics,
  prometheusMetrics,
  type Randomness,
  randomIds,
  systemClock,
  systemRandomness,
} from '@partitura/shared/runtime';
import { configuredModels } from './configured-models.ts';
import { dataPaths } from './data-paths.ts';

/** Everything that services stand on, as one process has it. */
export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
  readonly redactor: Redactor;
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly readModels: ReadModels;
  readonly index: KnowledgeIndex;
  readonly embedder: Embedder;
  readonly models: ModelDirectory;
  /** The last opened is closed first; the log is closed last. */
  close(): Promise<void>;
}

const secretsOf = (configuration: Configuration): readonly string[] =>
  [
    configuration.anthropicApiKey,
    configuration.openaiApiKey,
    configuration.azureOpenaiApiKey,
    configuration.apiKey,
  ].filter((secret) => secret !== null);

/** Opens the embedded adapters in a data directory that this process holds. */
export const openPorts = async (
  directory: DataDirectory,
  configuration: Configuration,
  logger: Logger,
): Promise<Ports> => {
  const paths = dataPaths(directory.path, configuration);
  const clock = systemClock;
  const randomness = systemRandomness;
  const redactor = createRedactor({ secrets: secretsOf(configuration) });
  const embedder = featureHashingEmbedder({ dimensions: 256 });
  const store = openSqliteEventStore({ path: paths.events, redactor });
  const checkpoints = sqliteCheckpoints(paths.checkpoints);
  const bus = inProcessEventBus({ store, checkpoints, clock, logger });
  const queue = inProcessJobQueue({ clock, logger });
  const blobs = await openEmbeddedBlobStore({ directory: paths.blobs });
  const readModels = openSqliteReadModels({ path: paths.readModels });
  const index = openSqliteKnowledgeIndex({ path: paths.knowledge, embedder });
  return {
    clock,
    ids: randomIds(),
    randomness,
    logger,
    metrics: prometheusMetrics(),
    redactor,
    store,
    bus,
    queue,
    blobs,
    readModels,
    index,
    embedder,
    models: configuredModels(configuration),
    close: async () => {
      await queue.close();
      await bus.close();
      checkpoints.close();
      await index.close();
      await readModels.close();
      await blobs.close();
      await store.close();
    },
  };
};
