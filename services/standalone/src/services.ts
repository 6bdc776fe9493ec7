import { agentRunnerService } from '@partitura/agent-runner';
import { knowledgeService } from '@partitura/knowledge';
import { notifierServices } from '@partitura/notifier';
import { orchestratorService } from '@partitura/orchestrator';
import { plannerService } from '@partitura/planner';
import { projectionsService } from '@partitura/projections';
import { relayService } from '@partitura/relay';
import { runDefaults } from '@partitura/shared/hosting';
import { priceTable } from '@partitura/shared/models';
import { listRepositoryFiles } from '@partitura/shared/repositories';
import type { Service } from '@partitura/shared/runtime';
import { builtInWorkflows } from '@partitura/shared/workflows';
import type { Ports } from './ports.ts';

export interface Services {
  /** What decides and works: not started by a command that only looks. */
  readonly working: readonly Service[];
  /** What follows the log and answers. */
  readonly reading: readonly Service[];
}

/** Attempts at the same time in this process, over all runs: a slow model makes them wait, and waiting is cheap. */
const concurrency = 10_000;

/** All services, each given the ports it needs and nothing else. */
export const composeServices = (ports: Ports): Services => {
  const { configuration } = ports;
  const orchestrator = orchestratorService({
    ...ports,
    workflows: builtInWorkflows,
    defaults: runDefaults(ports),
    repositoryFolders: configuration.repositoryFolders,
    requireModel: (name) => void ports.models.resolve(name),
  });
  const runner = agentRunnerService({
    ...ports,
    knowledge: ports.index,
    dataDirectory: configuration.data,
    sandboxMode: configuration.sandbox,
    runnerName: `runner-${process.pid}`,
    concurrency: configuration.runnerConcurrency ?? concurrency,
  });
  const notifier = notifierServices(ports);
  return {
    working: [
      orchestrator,
      plannerService({ ...ports, listFiles: listRepositoryFiles }),
      runner,
      knowledgeService(ports),
      notifier.working,
      ...(ports.outlet === null ? [] : [relayService({ ...ports, outlet: ports.outlet })]),
    ],
    reading: [
      projectionsService({ ...ports, prices: priceTable(configuration.modelPrices) }),
      notifier.reading,
    ],
  };
};
