import type { OperationHandlers } from '@partitura/shared/http';
import type { CallInput, OperationCaller } from '../../operation-caller.ts';
import type { IdentityDependencies } from './context.ts';
import { keyOperations } from './key-operations.ts';
import { memberOperations } from './member-operations.ts';
import { organizationOperations } from './organization-operations.ts';

/** What the gateway owns itself: it runs here in both profiles. */
export const identityHandlers = (dependencies: IdentityDependencies): Partial<OperationHandlers> => ({
  ...keyOperations(dependencies),
  ...organizationOperations(dependencies),
  ...memberOperations(dependencies),
});

type Handler = (input: CallInput, context: Parameters<OperationCaller['call']>[2]) => Promise<unknown>;

/** The gateway's own operations here, all others as before. Other owners are not told of rights: they have no use for them. */
export const withOwnOperations = (
  others: OperationCaller,
  own: Partial<OperationHandlers>,
): OperationCaller => {
  // Each handler gets the input of its own operation: the gateway parsed it with that operation's schemas.
  const handlers = new Map(Object.entries(own).map(([name, handler]) => [name, handler as Handler]));
  return {
    call: (name, input, context) => {
      const handler = handlers.get(name);
      if (handler) return handler(input, context);
      const { rights: _, ...rest } = context;
      return others.call(name, input, rest);
    },
  };
};
