import { noUsage } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { PlannerDependencies } from '../dependencies.ts';
import { watchRun } from '../run/run-watch.ts';
import { openPlan } from './plan-stream.ts';
import type { PlanJob } from './planning.ts';
import { visitKey } from './state.ts';

/** The end of a phase whose job failed every time: a run must not stay "running" for ever because its planner cannot work. */
export const giveUp = async (
  dependencies: PlannerDependencies,
  job: PlanJob,
  error: unknown,
): Promise<void> => {
  const { runId, phase, visit } = job;
  const { projectId, owner, ended } = await watchRun(dependencies.store, runId).refresh();
  if (projectId === null || ended) return;
  const session = await openPlan(dependencies, runId, { projectId, owner });
  const state = session.state();
  if (state.over.has(visitKey(phase, visit))) return;
  const problem =
    error instanceof PartituraError
      ? { code: error.code, message: error.message }
      : {
          code: 'PLANNER_DEFECT',
          message: `The planner failed: ${error instanceof Error ? error.message : String(error)}`,
        };
  const usage = state.visit?.phase === phase && state.visit.visit === visit ? state.visit.usage : noUsage;
  await session.append([{ type: 'plan.failed', data: { phase, visit, problem, usage } }]);
};
