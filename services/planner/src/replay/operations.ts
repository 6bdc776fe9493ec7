import type { OperationHandlers } from '@partitura/shared/http';
import { blobsOfRun, recordedRun, replayUntil } from '@partitura/shared/replaying';
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
      const blobs = blobsOfRun(dependencies, id);
      return replayPlan({ ...dependencies, blobs, prices: models.prices }, id, run, until);
    },
  };
};
