import type { BlobStore } from '@partitura/shared/blobs';
import type { OperationHandlers } from '@partitura/shared/http';
import { presentAgent } from '../agents/agents.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentArtifact } from '../artifacts/artifacts.ts';
import { presentCost } from '../costs/costs.ts';
import { presentTask } from '../tasks/tasks.ts';
import { type Asking, newestFirst, oldestFirst, wanted } from './asking.ts';
import type { Readers } from './readers.ts';
import { readPlan } from './run-plan.ts';
import { pageOfRuns, showRun } from './show-run.ts';
import { timelineOf } from './timeline.ts';
import { verificationOf } from './verification.ts';

type Answered =
  | `list${'Runs' | 'RunTasks' | 'RunAgents' | 'RunArtifacts' | 'RunApprovals'}`
  | `getRun${'' | 'Plan' | 'Cost' | 'Timeline' | 'Verification'}`;

export const runQueries = (
  readers: Readers,
  ask: Asking,
  blobs: BlobStore,
): Pick<OperationHandlers, Answered> => ({
  listRuns: ({ query }) => pageOfRuns(readers, ask, query, wanted(query, 'projectId', 'status')),
  getRun: async (input) => showRun(readers, await ask.oneOf('runs', input, (run) => run)),
  getRunPlan: async (input) => readPlan(blobs, await ask.oneOf('runs', input, (run) => run)),
  listRunTasks: ({ params: { id }, query }) => {
    const asked = { where: { runId: id, ...wanted(query, 'status') }, sort: oldestFirst('addedAt') };
    return ask.pageWithin('runs', id, 'tasks', query, asked, presentTask);
  },
  listRunAgents: ({ params: { id }, query }) => {
    const asked = { where: { runId: id }, sort: newestFirst('spawnedAt') };
    return ask.pageWithin('runs', id, 'agents', query, asked, presentAgent);
  },
  listRunArtifacts: ({ params: { id }, query }) => {
    const asked = { where: { runId: id }, sort: oldestFirst('madeAt') };
    return ask.pageWithin('runs', id, 'artifacts', query, asked, presentArtifact);
  },
  listRunApprovals: ({ params: { id }, query }) => {
    const asked = { where: { runId: id, ...wanted(query, 'status') }, sort: newestFirst('askedAt') };
    return ask.pageWithin('runs', id, 'approvals', query, asked, presentApproval);
  },
  getRunTimeline: (input) => timelineOf(readers, input),
  getRunVerification: async ({ params: { id }, query }) => {
    await readers.upTo(query.after);
    return verificationOf(readers, blobs, id);
  },
  getRunCost: (input) => ask.oneOf('costs', input, presentCost),
});
