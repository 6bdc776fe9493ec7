import { z } from 'zod';
import type { CanonicalForm } from '../canonical/index.ts';
import type { EventMetadata } from '../events/index.ts';

const filled = z.string().min(1);

/** The shape of `EventMetadata`, looked at where it comes in: a log without who and why is not one. */
const eventMetadata = z.strictObject({
  source: filled,
  actor: filled,
  correlationId: filled,
  causationId: filled.nullable(),
  organizationId: filled.optional(),
  projectId: filled.optional(),
  runId: filled.optional(),
  traceParent: filled.optional(),
});

export type CheckedMetadata =
  | CanonicalForm
  | { readonly problems: readonly { readonly path: string; readonly message: string }[] };

/** The canonical form of metadata, or what is wrong with it. Every event has its own, so the usual case is written out. */
export const checkedMetadata = (metadata: EventMetadata): CheckedMetadata => {
  const parsed = eventMetadata.safeParse(metadata);
  if (parsed.success) return canonicalForm(metadata);
  return {
    problems: parsed.error.issues.map(({ path, message }) => ({
      path: ['metadata', ...path].join('.'),
      message,
    })),
  };
};

/** The keys in order; what is undefined is left out. */
const canonicalForm = (metadata: EventMetadata): CanonicalForm => {
  const { actor, causationId, correlationId, organizationId, projectId, runId, source, traceParent } =
    metadata;
  const value: Record<string, unknown> = { actor, causationId, correlationId };
  if (organizationId !== undefined) value.organizationId = organizationId;
  if (projectId !== undefined) value.projectId = projectId;
  if (runId !== undefined) value.runId = runId;
  value.source = source;
  if (traceParent !== undefined) value.traceParent = traceParent;
  return { text: JSON.stringify(value), value };
};
