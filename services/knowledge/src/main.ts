/** The knowledge service as a process of its own. */
import {
  openBlobStore,
  openEventBus,
  openEventStore,
  openKnowledgeIndex,
  runService,
} from '@partitura/shared/hosting';
import { knowledgeService } from './service.ts';

await runService({
  name: 'knowledge',
  port: 4_604,
  compose: async (host) => {
    const store = await openEventStore(host);
    return knowledgeService({
      ...host,
      store,
      blobs: await openBlobStore(host),
      index: await openKnowledgeIndex(host),
      bus: await openEventBus(host, store),
    });
  },
});
