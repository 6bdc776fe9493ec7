import type { CallContext, OperationHandlers } from '@partitura/shared/http';

export type Reader = Pick<CallContext, 'organizationId'>;

type Handle = (input: unknown, context: CallContext) => Promise<unknown>;

const wholeInstallation: Reader = { organizationId: null };

/** Organisations whose handlers are kept. */
const mostKept = 200;

/**
 * Handlers that are made for whoever calls, with what they may see: none of them has anything else at hand that it could read by
 * mistake. All callers of an organisation have the same ones: made anew for each call they were three percent of a small answer.
 */
export const perCaller = <Handlers extends Partial<OperationHandlers>>(
  make: (reader: Reader) => Handlers,
): Handlers => {
  const kept = new Map<Reader['organizationId'], Readonly<Record<string, Handle | undefined>>>();
  const handlersOf = ({ organizationId }: Reader): Readonly<Record<string, Handle | undefined>> => {
    const known = kept.get(organizationId);
    if (known) return known;
    if (kept.size >= mostKept) kept.clear();
    const made = make({ organizationId }) as Readonly<Record<string, Handle | undefined>>;
    kept.set(organizationId, made);
    return made;
  };
  const names = Object.keys(make(wholeInstallation));
  const entries = names.map((name) => {
    const handle: Handle = async (input, context) => handlersOf(context)[name]?.(input, context);
    return [name, handle];
  });
  // By the same names, with the same inputs and answers.
  return Object.fromEntries(entries) as Handlers;
};
