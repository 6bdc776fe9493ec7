import type { CallContext, OperationHandlers } from '@partitura/shared/http';

export type Reader = Pick<CallContext, 'organizationId'>;

type Handle = (input: unknown, context: CallContext) => Promise<unknown>;

const wholeInstallation: Reader = { organizationId: null };

/**
 * Handlers that are made anew for each call, with what its caller may see: none of them has anything else at hand that it could read
 * by mistake. Making them takes some microseconds.
 */
export const perCaller = <Handlers extends Partial<OperationHandlers>>(
  make: (reader: Reader) => Handlers,
): Handlers => {
  const handlersOf = (reader: Reader) => make(reader) as Readonly<Record<string, Handle | undefined>>;
  const names = Object.keys(make(wholeInstallation));
  const entries = names.map((name) => {
    const handle: Handle = async (input, context) => handlersOf(context)[name]?.(input, context);
    return [name, handle];
  });
  // By the same names, with the same inputs and answers.
  return Object.fromEntries(entries) as Handlers;
};
