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
import { eventSealing } from '../subject-keys/index.ts';
import type { Host } from './host.ts';
import { isLocal, localPaths, notShared } from './local-engine.ts';
import { queueWithin } from './run-owners.ts';
import { openSubjectKeys } from './subject-keys.ts';

/**
 * Each port, opened by its URL's scheme. An engine of its own server is waited for, with a line in the log that says so, and asked
 * from then on whether it is there; what is opened here is closed with the host.
 */

/** Names no blob that anybody would put. */
const noBlob = '0'.repeat(64);

/** With the keys of subjects, by which it is sealed. @throws {PartituraError} `STORE_*`, `SUBJECT_*`, `ENGINE_NOT_SHARED` */
export const openEventStore = async (host: Host): Promise<EventStore> => {
  await openSubjectKeys(host);
  const store = await openLog(host);
  host.owners.attach(store);
  return store;
};

const openLog = async (host: Host): Promise<EventStore> => {
  const { configuration, redactor, subjects } = host;
  const sealing = eventSealing(subjects);
  if (isLocal(configuration, 'eventStoreUrl')) {
    const store = openSqliteEventStore({ path: localPaths(host, 'eventStoreUrl').events, redactor, sealing });
    host.opened.add(() => store.close());
    return store;
  }
  const url = configuration.eventStoreUrl;
  const store = await connectEventStoreDb({ ...shared(host), url, redactor, sealing });
  return watched(host, 'EventStoreDB', store, () => store.head());
};

/** @throws {PartituraError} `BUS_*`, `ENGINE_NOT_SHARED` */
export const openEventBus = async (host: Host, store: EventStore): Promise<EventBus> => {
  const { configuration, clock, logger } = host;
  if (!isLocal(configuration, 'busUrl')) {
    const bus = await openKafkaEventBus({ ...shared(host), url: configuration.busUrl, store });
    return watched(host, 'Apache Kafka', bus, bus.ping);
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
  const { configuration } = host;
  if (isLocal(configuration, 'busUrl')) throw notShared(host, 'busUrl');
  const outlet = await openKafkaOutlet({ ...shared(host), url: configuration.busUrl });
  return watched(host, 'Apache Kafka', outlet, outlet.ping);
};

/** @throws {PartituraError} `QUEUE_*`, `ENGINE_NOT_SHARED` */
export const openJobQueue = async (host: Host): Promise<JobQueue> => {
  const { configuration, clock, logger } = host;
  if (isLocal(configuration, 'queueUrl')) {
    localPaths(host, 'queueUrl');
    const queue = inProcessJobQueue({ clock, logger });
    host.opened.add(() => queue.close());
    return queueWithin(queue, host.owners);
  }
  const queue = await openBullmqJobQueue({ ...shared(host), url: configuration.queueUrl });
  return queueWithin(
    watched(host, 'Redis', queue, () => queue.counts('health')),
    host.owners,
  );
};

/** @throws {PartituraError} `BLOB_*`, `ENGINE_NOT_SHARED` */
export const openBlobStore = async (host: Host): Promise<BlobStore> => {
  const { configuration } = host;
  if (isLocal(configuration, 'blobsUrl')) {
    const blobs = await openEmbeddedBlobStore({ directory: localPaths(host, 'blobsUrl').blobs });
    host.opened.add(() => blobs.close());
    return blobs;
  }
  const blobs = await openS3BlobStore({ ...shared(host), url: configuration.blobsUrl });
  return watched(host, 'S3', blobs, () => blobs.has(noBlob));
};

/** @throws {PartituraError} `READ_MODELS_*`, `ENGINE_NOT_SHARED` */
export const openReadModels = async (host: Host): Promise<ReadModels> => {
  const { configuration } = host;
  if (isLocal(configuration, 'readModelsUrl')) {
    const readModels = openSqliteReadModels({ path: localPaths(host, 'readModelsUrl').readModels });
    host.opened.add(() => readModels.close());
    return readModels;
  }
  const readModels = await openMongoReadModels({ ...shared(host), url: configuration.readModelsUrl });
  return watched(host, 'MongoDB', readModels, () => readModels.checkpoint('health'));
};

/** @throws {PartituraError} `KNOWLEDGE_*`, `ENGINE_NOT_SHARED` */
export const openKnowledgeIndex = async (host: Host): Promise<KnowledgeIndex> => {
  const { configuration, embedder } = host;
  if (isLocal(configuration, 'knowledgeUrl')) {
    const index = openSqliteKnowledgeIndex({ path: localPaths(host, 'knowledgeUrl').knowledge, embedder });
    host.opened.add(() => index.close());
    return index;
  }
  const index = await openPostgresKnowledgeIndex({
    ...shared(host),
    url: configuration.knowledgeUrl,
    embedder,
  });
  return watched(host, 'PostgreSQL', index, () => index.checkpoint());
};

const shared = ({ configuration, clock, logger }: Host) => ({
  clock,
  logger,
  startTimeoutMs: configuration.engineStartSeconds * 1_000,
});

const watched = <Opened extends { close(): Promise<void> }>(
  host: Host,
  engine: string,
  opened: Opened,
  ask: () => Promise<unknown>,
): Opened => {
  host.opened.add(() => opened.close());
  host.engines.add(engine, ask);
  return opened;
};
