import type { OperationHandlers } from '@partitura/shared/http';
import { recordedRun, replayUntil } from '@partitura/shared/replaying';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { replayRun } from './replay-run.ts';

export const replayOperations = (
  dependencies: Pick<OrchestratorDependencies, 'store' | 'blobs'>,
): Pick<OperationHandlers, 'replayRunDecisions'> => ({
  replayRunDecisions: async ({ params: { id }, query }, context) => {
    const until = await replayUntil(dependencies.store, query.until);
    return replayRun(dependencies, id, await recordedRun(dependencies.store, id, until, context), until);
  },
});
