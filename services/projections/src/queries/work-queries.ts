import type { OperationHandlers } from '@partitura/shared/http';
import { isWork, taskKinds } from '@partitura/shared/planning';
import { presentAgent } from '../agents/agents.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentArtifact } from '../artifacts/artifacts.ts';
import { presentComment } from '../comments/comments.ts';
import { presentTask } from '../tasks/tasks.ts';
import { type Asking, newestFirst, oldestFirst, wanted } from './asking.ts';
import { notFound, type Readers } from './readers.ts';

type Answered =
  | `get${'Task' | 'Agent' | 'Approval' | 'Artifact'}`
  | `list${'TaskComments' | 'Agents' | 'Approvals' | 'DeadLetters'}`;

/** An epic stands where its worst task stands, and cannot be taken out of the dead letters itself. */
const kindsOfWork = taskKinds.filter((kind) => isWork({ kind }));

/** What is named by its own id, wherever it belongs. */
export const workQueries = (readers: Readers, ask: Asking): Pick<OperationHandlers, Answered> => ({
  getTask: (input) => ask.oneOf('tasks', input, presentTask),
  listTaskComments: ({ params: { id }, query }) => {
    const asked = { where: { taskId: id }, sort: oldestFirst('position') };
    return ask.pageWithin('tasks', id, 'comments', query, asked, presentComment);
  },
  listDeadLetters: ({ query }) =>
    ask.pageOf(
      'tasks',
      query,
      { where: { status: 'dead_letter', kind: kindsOfWork }, sort: newestFirst('addedAt') },
      presentTask,
      'everything',
    ),
  listAgents: ({ query }) =>
    ask.pageOf(
      'agents',
      query,
      { where: wanted(query, 'status'), sort: newestFirst('spawnedAt') },
      presentAgent,
      'everything',
    ),
  getAgent: (input) => ask.oneOf('agents', input, presentAgent),
  listApprovals: ({ query }) =>
    ask.pageOf(
      'approvals',
      query,
      { where: wanted(query, 'runId', 'status'), sort: newestFirst('askedAt') },
      presentApproval,
      'everything',
    ),
  getApproval: (input) => ask.oneOf('approvals', input, presentApproval),
  getArtifact: async ({ params: { id }, query }) => {
    await readers.upTo(query.after);
    const asked = { where: { hash: id }, sort: oldestFirst('madeAt'), limit: 1 };
    const { items } = await readers.list('artifacts', asked);
    if (!items[0]) throw notFound('artifact', id);
    return presentArtifact(items[0]);
  },
});
