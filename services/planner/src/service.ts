import { patience, patientBlobs, patientStore } from '@partitura/shared/processing';
import type { Component, Service } from '@partitura/shared/runtime';
import type { PlannerDependencies } from './dependencies.ts';
import { replayOperations } from './replay/operations.ts';
import { planWorker } from './worker.ts';

export type { ListRepositoryFiles, PlannerDependencies, PlanningModels } from './dependencies.ts';

export { nextStep } from './phase/next-step.ts';
export { replayPlan } from './replay/replay-plan.ts';

/** From a PRD to requirements, architecture, tasks and an estimate. Owns the streams `plan-<run>`. */
export const plannerService = (dependencies: PlannerDependencies): Service => {
  const stopping = new AbortController();
  const waiting = patience({ ...dependencies, signal: stopping.signal });
  // An answer that was paid for is in hand: it waits for a store that is away.
  const store = patientStore(dependencies.store, waiting);
  const blobs = patientBlobs(dependencies.blobs, waiting);
  const ending: Component = {
    name: 'planner.patience',
    start: async () => undefined,
    stop: async () => stopping.abort(),
  };
  return {
    name: 'planner',
    // Who asks is told that an engine is away; only work waits for it.
    operations: replayOperations(dependencies),
    components: [ending, planWorker({ ...dependencies, store, blobs })],
    health: [],
  };
};
