import { operations } from '@partitura/shared/http';
import type { OperationCaller } from '../operation-caller.ts';
import { noReads, type Reads } from './reads.ts';
import { targetOf } from './refused-calls.ts';

/** What was answered is noted; what was refused is a denial. What a command reads on its way is the command's. */
export const withNotedReads = (others: OperationCaller, reads: Reads): OperationCaller =>
  reads === noReads ? others : noting(others, reads);

const noting = (others: OperationCaller, reads: Reads): OperationCaller => ({
  call: async (name, input, context) => {
    const answer = await others.call(name, input, context);
    const operation = operations[name];
    if (operation.method === 'GET' && context.commandId === '') {
      const { actor, organizationId, correlationId } = context;
      reads.note({
        actor,
        organizationId,
        operation: name,
        target: targetOf(operation, input),
        correlationId,
      });
    }
    return answer;
  },
});
