import type { Service } from '@partitura/shared/runtime';
import type { PlannerDependencies } from './dependencies.ts';
import { planWorker } from './worker.ts';

export type { ListRepositoryFiles, PlannerDependencies, PlanningModels } from './dependencies.ts';

/** From a PRD to requirements, architecture, tasks and an estimate. Owns the streams `plan-<run>`. */
export const plannerService = (dependencies: PlannerDependencies): Service => ({
  name: 'planner',
  operations: {},
  components: [planWorker(dependencies)],
  health: [],
});
