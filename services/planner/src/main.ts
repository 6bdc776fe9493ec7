/** The planner as a process of its own. */
import { openBlobStore, openEventStore, openJobQueue, runService } from '@partitura/shared/hosting';
import { listRepositoryFiles } from '@partitura/shared/repositories';
import { plannerService } from './service.ts';

await runService({
  name: 'planner',
  port: 4_602,
  compose: async (host) =>
    plannerService({
      ...host,
      store: await openEventStore(host),
      blobs: await openBlobStore(host),
      queue: await openJobQueue(host),
      listFiles: listRepositoryFiles,
    }),
});
