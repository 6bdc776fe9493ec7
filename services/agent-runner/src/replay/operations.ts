import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { OperationHandlers } from '@partitura/shared/http';
import { recordedRun, replayUntil } from '@partitura/shared/replaying';
import { replayAgents } from './replay-agents.ts';

export const replayOperations = (dependencies: {
  readonly store: EventStore;
  readonly blobs: BlobStore;
}): Pick<OperationHandlers, 'replayRunAgents'> => ({
  replayRunAgents: async ({ params: { id }, query }, context) => {
    const until = await replayUntil(dependencies.store, query.until);
    return replayAgents(dependencies, id, await recordedRun(dependencies.store, id, until, context), until);
  },
});
