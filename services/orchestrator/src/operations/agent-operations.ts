import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { agentNotFound } from '../runs/refusals.ts';
import type { RunHandler, UntimedRunCommand } from '../runs/run-handler.ts';
import { causeOf, runIdIn } from './cause.ts';
import { runFor } from './reach.ts';

/** What operators say to agents. The run says it in its stream, and the runner that has the attempt hears of it there. */
export const agentOperations = (
  runs: RunHandler,
): Pick<OperationHandlers, 'messageAgent' | 'interruptAgent'> => {
  const tell = async (id: string, command: UntimedRunCommand, context: CallContext) => {
    const run = await runFor(context, runs, runIdIn(id), {}, () => agentNotFound(id));
    const { id: runId, projectId, owner } = run;
    const result = await runs.handle(runId, command, causeOf(context, { runId, projectId, owner }));
    return { id, position: result.position };
  };
  return {
    messageAgent: ({ params: { id }, body: { text } }, context) =>
      tell(id, { kind: 'message_attempt', attemptId: id, messageId: context.commandId, text }, context),
    interruptAgent: ({ params: { id }, body: { reason } }, context) =>
      tell(id, { kind: 'interrupt_attempt', attemptId: id, messageId: context.commandId, reason }, context),
  };
};
