import { asProjectId, asRunId, type EventMetadata } from '@partitura/shared/events';
import type { CallContext, Ownership } from '@partitura/shared/http';

import { source } from '../reactors/context.ts';

export { idFrom } from '@partitura/shared/processing';

export interface Cause {
  readonly commandId: string;
  readonly metadata: EventMetadata;
  readonly expectedRevision?: number;
}

/** What a caller's command is caused by, as part of what, and whose that is: the caller may see more than one organisation. */
export const causeOf = (
  context: CallContext,
  of: { readonly projectId?: string; readonly runId?: string; readonly owner: Ownership },
): Cause => ({
  commandId: context.commandId,
  ...(context.expectedRevision === null ? {} : { expectedRevision: context.expectedRevision }),
  metadata: {
    source,
    actor: context.actor,
    correlationId: context.correlationId,
    causationId: context.commandId,
    ...of.owner,
    ...(of.projectId === undefined ? {} : { projectId: asProjectId(of.projectId) }),
    ...(of.runId === undefined ? {} : { runId: asRunId(of.runId) }),
  },
});

/** `r_7k2m9x4tqa.T4` and everything below a run begin with the run's id. */
export const runIdIn = (id: string): string => id.split('.')[0] ?? id;
