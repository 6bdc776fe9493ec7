import type { Examples } from './example.ts';
import { agent, approval, artifact, comment, ids, of, pageOf, positions, task } from './samples.ts';

const ofTask = { params: of(ids.task), result: { id: ids.task, position: positions.now } };
const ofApproval = { params: of(ids.approval), result: { id: ids.approval, position: positions.now } };

/** Tasks, agents, approvals and artifacts. */
export const workExamples = {
  retryTask: { ...ofTask, body: { model: 'anthropic/claude-opus-5-5' } },
  approveTask: { ...ofTask, body: { comment: 'Good enough.' } },
  cancelTask: { ...ofTask, body: { reason: 'Done by hand.' } },
  runTaskChecks: ofTask,
  commentTask: { ...ofTask, body: { text: comment.text } },
  getTask: { params: of(ids.task), result: task },
  listTaskComments: { params: of(ids.task), result: pageOf(comment) },
  listDeadLetters: {
    result: pageOf({
      ...task,
      status: 'dead_letter' as const,
      attempts: 3,
      error: { code: 'VERIFICATION_FAILED', message: 'npm test: 2 of 14 fail.' },
    }),
  },
  listAgents: { query: { limit: 20 }, result: pageOf(agent) },
  messageAgent: {
    params: of(ids.agent),
    body: { text: 'Use the clock of the request.' },
    result: { id: ids.agent, position: positions.now },
  },
  interruptAgent: {
    params: of(ids.agent),
    body: { reason: 'Leave the tests as they are.' },
    result: { id: ids.agent, position: positions.now },
  },
  getAgent: { params: of(ids.agent), result: agent },
  grantApproval: { ...ofApproval, body: { comment: 'Go ahead.' } },
  denyApproval: { ...ofApproval, body: { comment: 'Leave the database as it is.' } },
  listApprovals: { result: pageOf(approval) },
  getApproval: { params: of(ids.approval), result: approval },
  getArtifact: { params: of(ids.artifact), result: artifact },
} satisfies Examples;
