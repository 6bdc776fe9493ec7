import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import type { Workflow } from '@partitura/shared/workflows';
import type { RunHandler, UntimedRunCommand } from '../runs/run-handler.ts';
import { causeOf, runIdIn } from './cause.ts';

type RunOperations = Pick<
  OperationHandlers,
  | 'pauseRun'
  | 'resumeRun'
  | 'cancelRun'
  | 'retryRun'
  | 'retryTask'
  | 'approveTask'
  | 'cancelTask'
  | 'commentTask'
  | 'grantApproval'
  | 'denyApproval'
  | 'listWorkflows'
>;

/** What operators tell runs and tasks: each is a command to the run that the id begins with. */
export const runOperations = (runs: RunHandler, workflows: ReadonlyMap<string, Workflow>): RunOperations => {
  const tell = async (id: string, command: UntimedRunCommand, context: CallContext) => {
    const runId = runIdIn(id);
    const { state } = await runs.read(runId);
    const result = await runs.handle(
      runId,
      command,
      causeOf(context, { runId, ...(state === null ? {} : { projectId: state.projectId }) }),
    );
    return { id, position: result.position };
  };
  return {
    pauseRun: ({ params, body }, context) =>
      tell(params.id, { kind: 'pause', reason: body.cause, detail: body.reason }, context),
    resumeRun: ({ params }, context) => tell(params.id, { kind: 'resume' }, context),
    cancelRun: ({ params, body }, context) =>
      tell(params.id, { kind: 'cancel', reason: body.reason }, context),
    retryRun: ({ params, body }, context) =>
      tell(params.id, { kind: 'retry_all', model: body.model ?? null }, context),
    retryTask: ({ params, body }, context) =>
      tell(params.id, { kind: 'retry_task', taskId: params.id, model: body.model ?? null }, context),
    approveTask: ({ params, body }, context) =>
      tell(params.id, { kind: 'approve_task', taskId: params.id, comment: body.comment }, context),
    cancelTask: ({ params, body }, context) =>
      tell(params.id, { kind: 'cancel_task', taskId: params.id, reason: body.reason }, context),
    commentTask: ({ params, body }, context) =>
      tell(params.id, { kind: 'comment_task', taskId: params.id, text: body.text }, context),
    grantApproval: ({ params, body }, context) =>
      tell(
        params.id,
        { kind: 'decide_approval', approvalId: params.id, granted: true, comment: body.comment },
        context,
      ),
    denyApproval: ({ params, body }, context) =>
      tell(
        params.id,
        { kind: 'decide_approval', approvalId: params.id, granted: false, comment: body.comment },
        context,
      ),
    listWorkflows: async () => ({
      items: [...workflows.values()].map(({ name, version, description, phases }) => ({
        name,
        version,
        description,
        phases: phases.map(({ id }) => id),
      })),
      nextCursor: null,
    }),
  };
};
