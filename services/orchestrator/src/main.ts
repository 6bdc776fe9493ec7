/** The orchestrator as a process of its own. */
import {
  openBlobStore,
  openEventBus,
  openEventStore,
  openJobQueue,
  runDefaults,
  runService,
} from '@partitura/shared/hosting';
import { builtInWorkflows } from '@partitura/shared/workflows';
import { orchestratorService } from './service.ts';

await runService({
  name: 'orchestrator',
  port: 4_601,
  compose: async (host) => {
    const store = await openEventStore(host);
    return orchestratorService({
      ...host,
      store,
      blobs: await openBlobStore(host),
      bus: await openEventBus(host, store),
      queue: await openJobQueue(host),
      workflows: builtInWorkflows,
      defaults: runDefaults(host),
      repositoryFolders: host.configuration.repositoryFolders,
      requireModel: (name) => void host.models.resolve(name),
    });
  },
});
