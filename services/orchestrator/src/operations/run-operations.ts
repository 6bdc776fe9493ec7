import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { runNotFound } from '../runs/refusals.ts';
import type { RunHandler, UntimedRunCommand } from '../runs/run-handler.ts';
import { causeOf, runIdIn } from './cause.ts';
import type { Reopening } from './reopening.ts';

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
export const runOperations = (
  runs: RunHandler,
  { workflows, requireModel }: Pick<OrchestratorDependencies, 'workflows' | 'requireModel'>,
  reopen: Reopening,
): RunOperations => {
  const tellRun = async (runId: string, command: UntimedRunCommand, context: CallContext, id = runId) => {
    const { state } = await runs.read(runId);
    if (state === null) throw runNotFound(runId);
    const { projectId } = state;
    const result = await runs.handle(runId, command, causeOf(context, { runId, projectId }));
    return { id, position: result.position };
  };
  const tell = (id: string, command: UntimedRunCommand, context: CallContext) =>
    tellRun(runIdIn(id), command, context, id);
  /** What may open a failed run again. */
  const tellReopening = async (id: string, command: UntimedRunCommand, context: CallContext) => {
    // Nothing is appended to the run for this decision, which would tell that another replica ended it.
    const { state } = await runs.read(runIdIn(id), { fresh: true });
    if (state === null) throw runNotFound(runIdIn(id));
    return reopen(state, context, () => tell(id, command, context));
  };
  /** @throws whatever `requireModel` does when there is no such model */
  const chosenModel = ({ model }: { readonly model?: string | undefined }): string | null => {
    if (model !== undefined) requireModel(model);
    return model ?? null;
  };
  return {
    pauseRun: ({ params, body }, context) =>
      tellRun(params.id, { kind: 'pause', reason: body.cause, detail: body.reason }, context),
    resumeRun: ({ params }, context) => tellRun(params.id, { kind: 'resume' }, context),
    cancelRun: ({ params, body }, context) =>
      tellRun(params.id, { kind: 'cancel', reason: body.reason }, context),
    retryRun: async ({ params, body }, context) =>
      tellReopening(params.id, { kind: 'retry_all', model: chosenModel(body) }, context),
    retryTask: async ({ params, body }, context) =>
      tellReopening(params.id, { kind: 'retry_task', taskId: params.id, model: chosenModel(body) }, context),
    approveTask: ({ params, body }, context) =>
      tellReopening(params.id, { kind: 'approve_task', taskId: params.id, comment: body.comment }, context),
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
