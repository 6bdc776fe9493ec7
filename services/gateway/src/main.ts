/** The operator API as a process of its own. */
import {
  openBlobStore,
  openEventStore,
  programVersion,
  requireServiceKey,
  runProcess,
  serviceCredentials,
} from '@partitura/shared/hosting';
import { gatewayServer } from './gateway-server.ts';
import { httpCaller } from './http-caller.ts';
import { keyAskedFor } from './listening.ts';

await runProcess({
  name: 'gateway',
  port: 4_600,
  start: async (host) => {
    const { configuration, clock, logger, server, draining, engines } = host;
    const apiKey = keyAskedFor(configuration);
    const caller = httpCaller({
      services: {
        orchestrator: configuration.orchestratorServiceUrl,
        projections: configuration.projectionsServiceUrl,
        knowledge: configuration.knowledgeServiceUrl,
        notifier: configuration.notifierServiceUrl,
      },
      credentials: serviceCredentials(requireServiceKey(configuration), 'gateway', clock),
      clock,
      logger,
    });
    const gateway = await gatewayServer({
      ...host,
      server,
      caller,
      store: await openEventStore(host),
      blobs: await openBlobStore(host),
      version: await programVersion(),
      apiKey,
      corsOrigins: configuration.corsOrigins,
      health: [draining, ...engines.all, ...caller.health],
    });
    return { stop: () => gateway.close() };
  },
});
