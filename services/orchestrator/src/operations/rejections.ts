import type { OperationHandlers } from '@partitura/shared/http';
import { taskNotFound } from '../runs/refusals.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import { causeOf, runIdIn } from './cause.ts';
import { runFor } from './reach.ts';
import type { Reopening } from './reopening.ts';

/** An operator does not take a task's result, while its run goes on or after it has ended. */
export const rejectionOperations = (
  runs: RunHandler,
  reopen: Reopening,
): Pick<OperationHandlers, 'rejectTask'> => ({
  rejectTask: async ({ params: { id }, body: { reason, redo } }, context) => {
    const run = await runFor(context, runs, runIdIn(id), { fresh: true }, () => taskNotFound(id));
    const { id: runId, projectId, owner } = run;
    const tell = () =>
      runs.handle(
        runId,
        { kind: 'reject_task', taskId: id, reason, redo },
        causeOf(context, { runId, projectId, owner }),
      );
    // What is only put aside opens nothing, and costs nothing.
    const { position } = await (redo ? reopen(run, context, tell) : tell());
    return { id, position };
  },
});
