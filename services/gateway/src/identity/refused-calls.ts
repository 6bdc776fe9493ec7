import { type Operation, operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { statusOf } from '../errors.ts';
import type { CallInput, OperationCaller } from '../operation-caller.ts';
import type { Denials } from './denials.ts';

/**
 * Some denials are decided on behind the door: giving away more than one has, a quota, what is for the installation alone. They are
 * denials like any other, whichever way they were asked for, and told in the same log.
 */
export const withDenials = (others: OperationCaller, denials: Denials): OperationCaller => ({
  call: async (name, input, context) => {
    try {
      return await others.call(name, input, context);
    } catch (error) {
      if (error instanceof PartituraError && statusOf(error.code) === 403) {
        const { actor, organizationId, correlationId } = context;
        const { code, message: reason } = error;
        const target = targetOf(operations[name], input);
        await denials.record({ actor, organizationId, operation: name, target, code, reason, correlationId });
      }
      throw error;
    }
  },
});

/** The path that was asked for. */
export const targetOf = ({ path }: Operation, { params }: CallInput): string => {
  const given = new Map(Object.entries(typeof params === 'object' && params !== null ? params : {}));
  return `/api/v1${path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => String(given.get(name)))}`;
};
