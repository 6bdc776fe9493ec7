import type { BlobStore } from '@partitura/shared/blobs';
import { planDocument } from '@partitura/shared/planning';
import { PartituraError } from '@partitura/shared/runtime';
import type { RunDocument } from '../runs/runs.ts';

/**
 * All that the planner found out, with the summary it was proposed with under `proposal`.
 * @throws {PartituraError} `PLAN_NOT_FOUND` while the run has none
 */
export const readPlan = async (blobs: BlobStore, run: RunDocument): Promise<Record<string, unknown>> => {
  if (run.proposal === null)
    throw new PartituraError('PLAN_NOT_FOUND', `Run ${run.id} has no plan${run.endedAt ? '.' : ' yet.'}`);
  const { plan, ...proposal } = run.proposal;
  const content = new TextDecoder().decode(await blobs.get(plan.hash));
  const document = planDocument.parse(JSON.parse(content));
  return { runId: run.id, artifactId: plan.hash, ...document, proposal };
};
