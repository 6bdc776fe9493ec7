import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { OperationHandlers } from '@partitura/shared/http';
import { blobsOfRun, recordedRun, replayUntil } from '@partitura/shared/replaying';
import { replayAgents } from './replay-agents.ts';

export const replayOperations = (dependencies: {
  readonly store: EventStore;
  readonly blobs: BlobStore;
}): Pick<OperationHandlers, 'replayRunAgents'> => ({
  replayRunAgents: async ({ params: { id }, query }, context) => {
    const { store } = dependencies;
    const until = await replayUntil(store, query.until);
    const run = await recordedRun(store, id, until, context);
    return replayAgents({ store, blobs: blobsOfRun(dependencies, id) }, id, run, until);
  },
});
