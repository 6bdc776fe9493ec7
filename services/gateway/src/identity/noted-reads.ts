import { type OperationName, operations } from '@partitura/shared/http';
import type { OperationCaller } from '../operation-caller.ts';
import { noReads, type Reads } from './reads.ts';
import { targetOf } from './refused-calls.ts';
import { resourceOf } from './scopes.ts';

/**
 * All of something at once, or who people are: that somebody has it stands in the log before they do. It is asked for rarely; each
 * other read would cost a sync of the log, see decision 0019.
 */
const isTakenAway = (name: OperationName): boolean =>
  name.startsWith('export') || resourceOf(operations[name].path) === 'subjects';

/** What was answered is noted; what was refused is a denial. What a command reads on its way is the command's. */
export const withNotedReads = (others: OperationCaller, reads: Reads): OperationCaller =>
  reads === noReads ? others : noting(others, reads);

const noting = (others: OperationCaller, reads: Reads): OperationCaller => ({
  call: async (name, input, context) => {
    const answer = await others.call(name, input, context);
    const operation = operations[name];
    if (operation.method === 'GET' && context.commandId === '') {
      const { actor, organizationId, correlationId } = context;
      const target = targetOf(operation, input);
      const read = { actor, organizationId, operation: name, target, correlationId };
      if (isTakenAway(name)) await reads.record(read);
      else reads.note(read);
    }
    return answer;
  },
});
