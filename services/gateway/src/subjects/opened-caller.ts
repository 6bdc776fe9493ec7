import { isPlain, operations } from '@partitura/shared/http';
import type { KeyRing } from '@partitura/shared/subject-keys';
import type { OperationCaller } from '../operation-caller.ts';

/**
 * Owners answer with what is kept, which is sealed: here it is opened, for whoever was let in, with the keys of their organisation alone.
 * What is asked for is sealed on its way to what is kept, so that it is found. Files stay sealed: they leave the house, and could not be
 * called back when somebody is erased.
 */
export const withOpenedAnswers = (others: OperationCaller, subjects: KeyRing): OperationCaller => ({
  call: async (name, input, context) => {
    if (subjects.isEmpty() || !isPlain(operations[name])) return others.call(name, input, context);
    const { organizationId } = context;
    const query = subjects.sealer(organizationId).sealData(input.query);
    const answer = await others.call(name, { ...input, query }, context);
    // With the keys that are there now: somebody may have been erased meanwhile.
    return subjects.sealer(organizationId).openData(answer);
  },
});
