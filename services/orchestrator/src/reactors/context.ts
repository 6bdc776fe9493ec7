import type { EventMetadata, RecordedEvent } from '@partitura/shared/events';
import { asProjectId, asRunId } from '@partitura/shared/events';
import { ownershipIn } from '@partitura/shared/http';

export const source = '/orchestrator';

/** What a reaction to an event is caused by: the same event again gives the same command id, and so the same event ids. */
export const causedBy = (event: RecordedEvent): { commandId: string; metadata: EventMetadata } => {
  const { correlationId, projectId, runId, traceParent } = event.metadata;
  return {
    commandId: `${event.id}>`,
    metadata: {
      source,
      actor: 'service:orchestrator',
      correlationId,
      causationId: event.id,
      ...ownershipIn(event.metadata),
      ...(projectId === undefined ? {} : { projectId: asProjectId(projectId) }),
      ...(runId === undefined ? {} : { runId: asRunId(runId) }),
      ...(traceParent === undefined ? {} : { traceParent }),
    },
  };
};
