import type { OperationHandlers } from '@partitura/shared/http';
import { blobsOfRun, recordedRun, replayUntil } from '@partitura/shared/replaying';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { replayRun } from './replay-run.ts';

export const replayOperations = (
  dependencies: Pick<OrchestratorDependencies, 'store' | 'blobs'>,
): Pick<OperationHandlers, 'replayRunDecisions'> => ({
  replayRunDecisions: async ({ params: { id }, query }, context) => {
    const { store } = dependencies;
    const until = await replayUntil(store, query.until);
    const run = await recordedRun(store, id, until, context);
    return replayRun({ store, blobs: blobsOfRun(dependencies, id) }, id, run, until);
  },
});
