import type { BlobStore } from '@partitura/shared/blobs';
import type { EventBus, EventOutlet } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import {
  type Host,
  type InstallationSecrets,
  installationSecrets,
  installationSigning,
  isLocal,
  openBlobStore,
  openEventBus,
  openEventOutlet,
  openEventStore,
  openJobQueue,
  openKnowledgeIndex,
  openReadModels,
} from '@partitura/shared/hosting';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { ReadModels } from '@partitura/shared/read-models';
import { type Signing, sealEnd } from '@partitura/shared/sealing';

/** Everything that services stand on, as one process has it. */
export interface Ports extends Host {
  readonly store: EventStore;
  readonly bus: EventBus;
  /** Where the log has to be handed on to; null where the bus reads it itself. */
  readonly outlet: EventOutlet | null;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly readModels: ReadModels;
  readonly index: KnowledgeIndex;
  readonly installationSecrets: InstallationSecrets;
  readonly signing: Signing;
}

/** Opens every engine, the log first: it is closed last, with the host. */
export const openPorts = async (host: Host): Promise<Ports> => {
  const secrets = await installationSecrets(host);
  const signing = await installationSigning(host);
  const store = await openEventStore(host);
  host.opened.add(() => sealed(host, store, signing));
  const blobs = await openBlobStore(host);
  const readModels = await openReadModels(host);
  const index = await openKnowledgeIndex(host);
  const bus = await openEventBus(host, store);
  const outlet = isLocal(host.configuration, 'busUrl') ? null : await openEventOutlet(host);
  const queue = await openJobQueue(host);
  return {
    ...host,
    store,
    blobs,
    readModels,
    index,
    bus,
    outlet,
    queue,
    installationSecrets: secrets,
    signing,
  };
};

/** Closed right before the log, when whoever could still record something has ended: the gateway tells to the last who looked at what. */
const sealed = async ({ clock, logger }: Host, store: EventStore, { key }: Signing): Promise<void> => {
  await sealEnd({ store, key, clock }).catch((error: unknown) => {
    logger.warn({ error }, 'the end of the log could not be sealed');
  });
};
