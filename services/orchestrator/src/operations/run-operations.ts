import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { approvalNotFound, taskNotFound } from '../runs/refusals.ts';
import type { RunHandler, UntimedRunCommand } from '../runs/run-handler.ts';
import { isEnded, type Run } from '../runs/state.ts';
import { causeOf, runIdIn } from './cause.ts';
import { runFor } from './reach.ts';
import type { Reopening } from './reopening.ts';
import { requireRepositoryStill } from './repository.ts';

type RunOperations = Pick<
  OperationHandlers,
  | 'pauseRun'
  | 'resumeRun'
  | 'cancelRun'
  | 'retryRun'
  | 'retryTask'
  | 'approveTask'
  | 'cancelTask'
  | 'runTaskChecks'
  | 'commentTask'
  | 'reportCiResult'
  | 'grantApproval'
  | 'denyApproval'
>;

/** What operators tell runs and tasks: each is a command to the run that the id begins with. */
export const runOperations = (
  runs: RunHandler,
  { requireModel }: Pick<OrchestratorDependencies, 'requireModel'>,
  reopen: Reopening,
): RunOperations => {
  const tellRun = async (run: Run, command: UntimedRunCommand, context: CallContext, id: string = run.id) => {
    const { id: runId, projectId, owner } = run;
    const result = await runs.handle(runId, command, causeOf(context, { runId, projectId, owner }));
    return { id, position: result.position };
  };
  /** Nothing is appended to the run for what follows, which would tell that another replica ended it: so the log is asked. */
  const fresh = { fresh: true };
  const theTask = (id: string, context: CallContext, bound = {}) =>
    runFor(context, runs, runIdIn(id), bound, () => taskNotFound(id));
  const tell = async (id: string, command: UntimedRunCommand, context: CallContext) =>
    tellRun(await runFor(context, runs, id), command, context);
  const tellTask = async (id: string, command: UntimedRunCommand, context: CallContext) =>
    tellRun(await theTask(id, context), command, context, id);
  /** What may open a failed run again. */
  const tellReopening = async (run: Run, id: string, command: UntimedRunCommand, context: CallContext) => {
    if (isEnded(run)) await requireRepositoryStill(run.configuration);
    return reopen(run, context, () => tellRun(run, command, context, id));
  };
  /** The command is made once it is known that the task is there for whoever asks. */
  const reopenByTask = async (id: string, command: () => UntimedRunCommand, context: CallContext) => {
    const run = await theTask(id, context, fresh);
    return tellReopening(run, id, command(), context);
  };
  const decide = async (approvalId: string, granted: boolean, comment: string, context: CallContext) => {
    const run = await runFor(context, runs, runIdIn(approvalId), {}, () => approvalNotFound(approvalId));
    return tellRun(run, { kind: 'decide_approval', approvalId, granted, comment }, context, approvalId);
  };
  /** @throws whatever `requireModel` does when there is no such model */
  const chosenModel = ({ model }: { readonly model?: string | undefined }): string | null => {
    if (model !== undefined) requireModel(model);
    return model ?? null;
  };
  return {
    pauseRun: ({ params, body }, context) =>
      tell(params.id, { kind: 'pause', reason: body.cause, detail: body.reason }, context),
    resumeRun: async ({ params: { id } }, context) => {
      const run = await runFor(context, runs, id);
      if (run.status === 'paused') await requireRepositoryStill(run.configuration);
      return tellRun(run, { kind: 'resume' }, context);
    },
    cancelRun: ({ params, body }, context) =>
      tell(params.id, { kind: 'cancel', reason: body.reason }, context),
    retryRun: async ({ params: { id }, body }, context) =>
      tellReopening(
        await runFor(context, runs, id, fresh),
        id,
        { kind: 'retry_all', model: chosenModel(body) },
        context,
      ),
    retryTask: async ({ params: { id }, body }, context) =>
      reopenByTask(id, () => ({ kind: 'retry_task', taskId: id, model: chosenModel(body) }), context),
    approveTask: ({ params: { id }, body }, context) =>
      reopenByTask(id, () => ({ kind: 'approve_task', taskId: id, comment: body.comment }), context),
    cancelTask: ({ params: { id }, body }, context) =>
      tellTask(id, { kind: 'cancel_task', taskId: id, reason: body.reason }, context),
    runTaskChecks: ({ params: { id } }, context) =>
      tellTask(id, { kind: 'request_checks', taskId: id, requestId: context.commandId }, context),
    commentTask: ({ params: { id }, body }, context) =>
      tellTask(id, { kind: 'comment_task', taskId: id, text: body.text }, context),
    reportCiResult: ({ params: { id }, body }, context) => tell(id, { kind: 'report_ci', ...body }, context),
    grantApproval: ({ params, body }, context) => decide(params.id, true, body.comment, context),
    denyApproval: ({ params, body }, context) => decide(params.id, false, body.comment, context),
  };
};
