/** A runner as a process of its own, with clones and work trees in a data directory of its own. */
import { hostname } from 'node:os';
import {
  installationSigning,
  openBlobStore,
  openEventBus,
  openEventStore,
  openJobQueue,
  openKnowledgeIndex,
  runService,
} from '@partitura/shared/hosting';
import { agentRunnerService } from './service.ts';

/** So many that one runner is busy, so few that the next one finds something to do. */
const concurrency = 64;

await runService({
  name: 'agent-runner',
  port: 4_603,
  compose: async (host) => {
    const { sandbox, runnerConcurrency } = host.configuration;
    const dataDirectory = await host.dataDirectory();
    const store = await openEventStore(host);
    return agentRunnerService({
      ...host,
      store,
      blobs: await openBlobStore(host),
      knowledge: await openKnowledgeIndex(host),
      bus: await openEventBus(host, store),
      queue: await openJobQueue(host),
      signing: await installationSigning(host),
      dataDirectory,
      sandboxMode: sandbox,
      runnerName: `${hostname()}-${process.pid}`,
      concurrency: runnerConcurrency ?? concurrency,
    });
  },
});
