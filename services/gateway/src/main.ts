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
import { hookSecrets } from './inbound/register-hooks.ts';
import { accessSettings } from './listening.ts';

await runProcess({
  name: 'gateway',
  port: 4_600,
  start: async (host) => {
    const { configuration, clock, logger, server, draining, engines } = host;
    const caller = httpCaller({
      services: {
        orchestrator: configuration.orchestratorServiceUrl,
        planner: configuration.plannerServiceUrl,
        'agent-runner': configuration.agentRunnerServiceUrl,
        projections: configuration.projectionsServiceUrl,
        knowledge: configuration.knowledgeServiceUrl,
        notifier: configuration.notifierServiceUrl,
      },
      // They answer for the past alone: runs can be watched and stopped while nobody works at them.
      dispensable: ['planner', 'agent-runner'],
      credentials: serviceCredentials(requireServiceKey(configuration), 'gateway', clock),
      clock,
      logger,
    });
    const store = await openEventStore(host);
    const gateway = await gatewayServer({
      ...host,
      server,
      caller,
      store,
      blobs: await openBlobStore(host),
      version: await programVersion(),
      ...(await accessSettings(configuration, { store, clock })),
      corsOrigins: configuration.corsOrigins,
      hooks: hookSecrets(configuration),
      health: [draining, ...engines.all, ...caller.health],
    });
    return { stop: () => gateway.close() };
  },
});
