import type { OperationHandlers } from '@partitura/shared/http';
import type { RunHandler } from '../runs/run-handler.ts';
import { causeOf } from './cause.ts';
import { type Projects, presentProject } from './project-changes.ts';
import { runFor } from './reach.ts';

/** A run takes up the PRD that its project has now. */
export const replanOperations = (
  projects: Projects,
  runs: RunHandler,
): Pick<OperationHandlers, 'replanRun'> => ({
  replanRun: async ({ params }, context) => {
    const { id, projectId, owner } = await runFor(context, runs, params.id);
    const { prd, prdRevision } = await presentProject(context, projects, projectId);
    const cause = causeOf(context, { runId: id, projectId, owner });
    const result = await runs.handle(id, { kind: 'request_replan', prd, prdRevision }, cause);
    return { id, position: result.position };
  },
});
