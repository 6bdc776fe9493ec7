import { z } from 'zod';
import type { EventMetadata } from '../events/index.ts';

const filled = z.string().min(1);

/** The shape of `EventMetadata`, looked at where it comes in: a log without who and why is not one. */
const eventMetadata = z.strictObject({
  source: filled,
  actor: filled,
  correlationId: filled,
  causationId: filled.nullable(),
  projectId: filled.optional(),
  runId: filled.optional(),
  traceParent: filled.optional(),
});

export type CheckedMetadata =
  | { readonly text: string }
  | { readonly problems: readonly { readonly path: string; readonly message: string }[] };

/** Canonical JSON of metadata, or what is wrong with it. Every event has its own, so the usual case is written out. */
export const checkedMetadata = (metadata: EventMetadata): CheckedMetadata => {
  const parsed = eventMetadata.safeParse(metadata);
  if (parsed.success) return { text: canonicalText(metadata) };
  return {
    problems: parsed.error.issues.map(({ path, message }) => ({
      path: ['metadata', ...path].join('.'),
      message,
    })),
  };
};

/** One literal with its keys in order; what is undefined is left out. */
const canonicalText = (metadata: EventMetadata): string => {
  const { actor, causationId, correlationId, projectId, runId, source, traceParent } = metadata;
  return JSON.stringify({ actor, causationId, correlationId, projectId, runId, source, traceParent });
};
