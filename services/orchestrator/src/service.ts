import { commandHandler, processor } from '@partitura/shared/processing';
import type { Component, Service } from '@partitura/shared/runtime';
import type { OrchestratorDependencies } from './dependencies.ts';
import { agentOperations } from './operations/agent-operations.ts';
import { forkOperations } from './operations/fork.ts';
import { projectChanges } from './operations/project-changes.ts';
import { projectOperations } from './operations/project-operations.ts';
import { projectRuns } from './operations/project-runs.ts';
import { rejectionOperations } from './operations/rejections.ts';
import { reopening } from './operations/reopening.ts';
import { replanOperations } from './operations/replan.ts';
import { runOperations } from './operations/run-operations.ts';
import { taskConsumers } from './operations/task-consumers.ts';
import { workflowOperations } from './operations/workflow-operations.ts';
import { projectDecider } from './projects/decider.ts';
import { earlyOffers } from './reactors/early-offers.ts';
import { createReactor, reactedCategories, reactedTypes } from './reactors/reactor.ts';
import { replayOperations } from './replay/operations.ts';
import { createAlarm } from './runs/alarm.ts';
import { nextDue } from './runs/due.ts';
import { passTime } from './runs/pass-time.ts';
import { runHandler } from './runs/run-handler.ts';
import type { Run } from './runs/state.ts';
import { createSweep } from './sweep/sweep.ts';
import { workflowCatalogue } from './workflows/catalogue.ts';

export type { OrchestratorDependencies, RunDefaults } from './dependencies.ts';
export { runsAtWork } from './reactors/outstanding.ts';
export { replayRun } from './replay/replay-run.ts';
export { runDecider } from './runs/decider.ts';

/** Often enough for a deadline of minutes; a thousand live runs take a thousand small reads. */
const sweepEveryMs = 10_000;

/** The write side: decides on projects and runs, and reacts to what planner, agents and merge queue report. */
export const orchestratorService = (dependencies: OrchestratorDependencies): Service => {
  const { store, bus, queue, blobs, clock, logger } = dependencies;
  const watch = (run: Run): void => {
    const at = nextDue(run);
    if (at !== null) alarm.set(run.id, at);
  };
  const projects = commandHandler(store, projectDecider);
  const catalogue = workflowCatalogue(store, dependencies.workflows);
  const early = earlyOffers(queue, logger);
  const runs = runHandler(store, clock, watch, early.offer);
  /** A run that another replica brings on is not folded here for a timer that is handled already. */
  const wake = async (runId: string): Promise<void> => {
    const due = runs.knows(runId) ? clock.now() : await sweep.dueOf(runId);
    if (due === null) return;
    if (due > clock.now()) alarm.set(runId, due);
    else await passTime(runs, runId, clock, watch);
  };
  const alarm = createAlarm(clock, logger, wake);
  const sweep = createSweep({
    store,
    queue,
    runs,
    projects,
    clock,
    logger,
    alarm,
    everyMs: dependencies.sweepEveryMs ?? sweepEveryMs,
  });
  const reactor = processor({
    name: 'reactions',
    service: 'orchestrator',
    filter: { categories: reactedCategories, types: reactedTypes },
    handleBatch: createReactor({ store, queue, blobs, clock, runs, projects, early }),
    store,
    bus,
    clock,
    logger,
    metrics: dependencies.metrics,
  });
  const components: readonly Component[] = [alarm, sweep, reactor];
  return {
    name: 'orchestrator',
    operations: {
      ...projectOperations(dependencies, projects, runs, catalogue),
      ...projectChanges(dependencies, projects, catalogue),
      ...workflowOperations(catalogue, clock),
      ...projectRuns(dependencies, projects, runs),
      ...replanOperations(projects, runs),
      ...forkOperations(dependencies, projects, runs),
      ...agentOperations(runs),
      ...replayOperations(dependencies),
      ...rejectionOperations(runs, reopening(projects, clock)),
      ...taskConsumers(runs, store),
      ...runOperations(runs, dependencies, reopening(projects, clock)),
    },
    components,
    health: [reactor.health, sweep.health],
  };
};
