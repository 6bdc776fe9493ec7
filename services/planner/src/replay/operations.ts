import type { OperationHandlers } from '@partitura/shared/http';
import { recordedRun, replayUntil } from '@partitura/shared/replaying';
import type { PlannerDependencies } from '../dependencies.ts';
import { replayPlan } from './replay-plan.ts';

export const replayOperations = (
  dependencies: PlannerDependencies,
): Pick<OperationHandlers, 'replayRunPlanning'> => {
  const { store, models } = dependencies;
  return {
    replayRunPlanning: async ({ params: { id }, query }, context) => {
      const until = await replayUntil(store, query.until);
      const run = await recordedRun(store, id, until, context);
      return replayPlan({ ...dependencies, prices: models.prices }, id, run, until);
    },
  };
};
