import { type CallContext, type OperationName, operations } from '@partitura/shared/http';
import { PartituraError, type Service } from '@partitura/shared/runtime';

export interface CallInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** How the gateway reaches the owner of an operation: in the same process, or over HTTP. The input has been checked. */
export interface OperationCaller {
  call(name: OperationName, input: CallInput, context: CallContext): Promise<unknown>;
}

type Handler = (input: CallInput, context: CallContext) => Promise<unknown>;

/** All owners in this process. */
export const inProcessCaller = (
  services: readonly { readonly operations: Service['operations'] }[],
): OperationCaller => {
  const handlers = new Map<string, Handler>();
  for (const service of services) {
    for (const [name, handler] of Object.entries(service.operations)) {
      // Each handler gets the input of its own operation: the gateway parsed it with that operation's schemas.
      handlers.set(name, handler as Handler);
    }
  }
  return {
    call: (name, input, context) => {
      const handler = handlers.get(name);
      if (handler) return handler(input, context);
      throw new PartituraError(
        'OPERATION_NOT_AVAILABLE',
        `${name} belongs to ${operations[name].owner}, which does not run here.`,
      );
    },
  };
};
