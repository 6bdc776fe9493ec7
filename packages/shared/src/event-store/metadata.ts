import { z } from 'zod';

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

export const metadataProblems = (metadata: unknown): readonly { path: string; message: string }[] => {
  const parsed = eventMetadata.safeParse(metadata);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({ path: ['metadata', ...path].join('.'), message }));
};
