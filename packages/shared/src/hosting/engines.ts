import { type BlobStore, openEmbeddedBlobStore, openS3BlobStore } from '../blobs/index.ts';
import {
  type EventBus,
  type EventOutlet,
  inProcessEventBus,
  openKafkaEventBus,
  openKafkaOutlet,
  sqliteCheckpoints,
} from '../event-bus/index.ts';
import { connectEventStoreDb, type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { inProcessJobQueue, type JobQueue, openBullmqJobQueue } from '../job-queue/index.ts';
import {
  type KnowledgeIndex,
  openPostgresKnowledgeIndex,
  openSqliteKnowledgeIndex,
} from '../knowledge-index/index.ts';
import { openMongoReadModels, openSqliteReadModels, type ReadModels } from '../read-models/index.ts';
import type { Host } from './host.ts';

import { isLocal, localPaths, notShared } from './local-engine.ts';

/**
 * Each port, opened by its URL's scheme. An engine of its own server is waited for, with a line in the log that says so; what is
 * opened here is closed with the host.
 */

/** @throws {PartituraError} `STORE_*`, `ENGINE_NOT_SHARED` */
export const openEventStore = async (host: Host): Promise<EventStore> => {
  const { configuration, redactor, clock, logger } = host;
  const store = isLocal(configuration, 'eventStoreUrl')
    ? openSqliteEventStore({ path: localPaths(host, 'eventStoreUrl').events, redactor })
    : await connectEventStoreDb({ url: configuration.eventStoreUrl, redactor, clock, logger });
  host.opened.add(() => store.close());
  return store;
};

/** @throws {PartituraError} `BUS_*`, `ENGINE_NOT_SHARED` */
export const openEventBus = async (host: Host, store: EventStore): Promise<EventBus> => {
  const { configuration, clock, logger } = host;
  if (!isLocal(configuration, 'busUrl')) {
    const bus = await openKafkaEventBus({ url: configuration.busUrl, store, clock, logger });
    host.opened.add(() => bus.close());
    return bus;
  }
  const checkpoints = sqliteCheckpoints(localPaths(host, 'busUrl').checkpoints);
  host.opened.add(() => checkpoints.close());
  const bus = inProcessEventBus({ store, checkpoints, clock, logger });
  host.opened.add(() => bus.close());
  return bus;
};

/**
 * Where a relay hands the log on to.
 * @throws {PartituraError} `BUS_*`, `ENGINE_NOT_SHARED` where the bus needs no relay
 */
export const openEventOutlet = async (host: Host): Promise<EventOutlet> => {
  const { configuration, clock, logger } = host;
  if (isLocal(configuration, 'busUrl')) throw notShared(host, 'busUrl');
  const outlet = await openKafkaOutlet({ url: configuration.busUrl, clock, logger });
  host.opened.add(() => outlet.close());
  return outlet;
};

/** @throws {PartituraError} `QUEUE_*`, `ENGINE_NOT_SHARED` */
export const openJobQueue = async (host: Host): Promise<JobQueue> => {
  const { configuration, clock, logger } = host;
  if (isLocal(configuration, 'queueUrl')) localPaths(host, 'queueUrl');
  const queue = isLocal(configuration, 'queueUrl')
    ? inProcessJobQueue({ clock, logger })
    : await openBullmqJobQueue({ url: configuration.queueUrl, clock, logger });
  host.opened.add(() => queue.close());
  return queue;
};

/** @throws {PartituraError} `BLOB_*`, `ENGINE_NOT_SHARED` */
export const openBlobStore = async (host: Host): Promise<BlobStore> => {
  const { configuration, clock, logger } = host;
  const blobs = isLocal(configuration, 'blobsUrl')
    ? await openEmbeddedBlobStore({ directory: localPaths(host, 'blobsUrl').blobs })
    : await openS3BlobStore({ url: configuration.blobsUrl, clock, logger });
  host.opened.add(() => blobs.close());
  return blobs;
};

/** @throws {PartituraError} `READ_MODELS_*`, `ENGINE_NOT_SHARED` */
export const openReadModels = async (host: Host): Promise<ReadModels> => {
  const { configuration, clock, logger } = host;
  const readModels = isLocal(configuration, 'readModelsUrl')
    ? openSqliteReadModels({ path: localPaths(host, 'readModelsUrl').readModels })
    : await openMongoReadModels({ url: configuration.readModelsUrl, clock, logger });
  host.opened.add(() => readModels.close());
  return readModels;
};

/** @throws {PartituraError} `KNOWLEDGE_*`, `ENGINE_NOT_SHARED` */
export const openKnowledgeIndex = async (host: Host): Promise<KnowledgeIndex> => {
  const { configuration, embedder, clock, logger } = host;
  const index = isLocal(configuration, 'knowledgeUrl')
    ? openSqliteKnowledgeIndex({ path: localPaths(host, 'knowledgeUrl').knowledge, embedder })
    : await openPostgresKnowledgeIndex({ url: configuration.knowledgeUrl, embedder, clock, logger });
  host.opened.add(() => index.close());
  return index;
};
