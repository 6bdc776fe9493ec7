import type { OperationHandlers } from '@partitura/shared/http';
import { codeDifference } from './code-difference.ts';
import { explain, type WhyDependencies } from './why.ts';

/** Shorter than a gateway waits for a service. */
const patienceMs = 25_000;

export const whyOperations = (
  dependencies: WhyDependencies,
): Pick<OperationHandlers, 'explainLine' | 'getCodeDifference'> => ({
  explainLine: ({ query }, context) => explain(dependencies, context, query, AbortSignal.timeout(patienceMs)),
  getCodeDifference: ({ params: { id, other } }, context) =>
    codeDifference(dependencies, context, { from: id, to: other }, AbortSignal.timeout(patienceMs)),
});
