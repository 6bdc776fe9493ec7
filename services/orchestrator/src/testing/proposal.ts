import type { BlobStore } from '@partitura/shared/blobs';
import type { PlanDocument, TaskDefinition } from '@partitura/shared/planning';

/** What the planner says of these tasks, with their document among the blobs. */
export const proposal = async (
  blobs: BlobStore,
  tasks: readonly TaskDefinition[],
  planRevision = 1,
  change?: { readonly number: number; readonly dropped: readonly string[] },
) => {
  const percentiles = { p50: 1, p90: 2 };
  const document: PlanDocument = {
    requirements: [],
    questions: [],
    architecture: { document: 'As it is.', technologies: [], risks: [] },
    tasks: [...tasks],
    estimate: {
      durationMs: percentiles,
      costMicroUsd: percentiles,
      tokens: percentiles,
      criticalPath: [],
      criticalPathMs: 0,
      width: 1,
      schedule: [],
      simulations: 1,
    },
    risks: [],
    ...(change
      ? {
          change: {
            number: change.number,
            requirements: { added: [], changed: [], removed: [] },
            dropped: [...change.dropped],
            added: [],
          },
        }
      : {}),
  };
  const content = JSON.stringify(document);
  const hash = await blobs.put(new TextEncoder().encode(content));
  return {
    type: 'plan.proposed',
    data: {
      plan: { hash, size: content.length, preview: '', contentType: 'application/json' },
      planRevision,
      requirements: 0,
      questions: 0,
      tasks: tasks.length,
      width: 1,
      criticalPath: [],
      criticalPathMs: 0,
      durationMs: percentiles,
      costMicroUsd: percentiles,
    },
  };
};
