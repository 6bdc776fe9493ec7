import { sha256 } from '@partitura/shared/canonical';
import { asProjectId, asRunId, type EventMetadata } from '@partitura/shared/events';
import type { CallContext, Ownership } from '@partitura/shared/http';
import { source } from '../reactors/context.ts';

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

/**
 * An id made from the command's, ten characters of base 32: a create that is sent again under the same idempotency key names
 * the same thing, and so creates nothing twice.
 */
export const idFrom = (prefix: string, commandId: string): string =>
  `${prefix}_${BigInt(`0x${sha256(`${prefix} ${commandId}`).slice(0, 13)}`)
    .toString(32)
    .padStart(11, '0')
    .slice(-10)}`;

/** `r_7k2m9x4tqa.T4` and everything below a run begin with the run's id. */
export const runIdIn = (id: string): string => id.split('.')[0] ?? id;
