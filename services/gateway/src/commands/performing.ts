import type { EventStore } from '@partitura/shared/event-store';
import {
  type ByteBody,
  type CallContext,
  isByteBody,
  type Operation,
  type OperationName,
  operations,
} from '@partitura/shared/http';
import { type Ids, PartituraError, withCorrelation } from '@partitura/shared/runtime';
import { type Caller, callerContext } from '../identity/caller.ts';
import type { CallInput, OperationCaller } from '../operation-caller.ts';
import { requirePosition } from '../routes/positions.ts';
import type { Answered, Idempotency } from './idempotency.ts';
import { etagOf, revisionOf } from './preconditions.ts';

/** Who asks, and with what beside the input. */
export interface Asking {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** Operations as REST, GraphQL and the WebSocket perform them: whoever asks was let in before. The input has been checked. */
export interface Performing {
  /** @throws {PartituraError} `INVALID_POSITION` */
  read(name: OperationName, input: CallInput, asking: Asking): Promise<unknown>;
  /** @throws {PartituraError} `BAD_IDEMPOTENCY_KEY`, `BAD_IF_MATCH`, `STALE_REVISION`, and as `Idempotency` */
  command(name: OperationName, input: CallInput, asking: Asking): Promise<Answered>;
}

export interface PerformingOptions {
  /** Says whether a position that a read is to wait for is one. */
  readonly store: EventStore;
  readonly caller: OperationCaller;
  readonly idempotency: Idempotency;
  readonly ids: Ids;
}

export const performing = ({ caller: owners, idempotency, ids, store }: PerformingOptions): Performing => {
  const call = (name: OperationName, input: CallInput, context: CallContext): Promise<unknown> =>
    withCorrelation({ correlationId: context.correlationId, operation: name }, () =>
      owners.call(name, input, context),
    );

  const contextOf = ({ caller, correlationId, ifMatch }: Asking, commandId: string): CallContext => ({
    ...callerContext(caller),
    correlationId,
    commandId,
    expectedRevision: revisionOf(ifMatch),
  });

  return {
    read: async (name, input, asking) => {
      const after = afterIn(input.query);
      if (after !== null) await requirePosition(store, after);
      return call(name, input, contextOf({ ...asking, ifMatch: undefined }, ''));
    },
    command: async (name, input, asking) => {
      const operation: Operation = operations[name];
      const { status } = operation;
      const work = async (commandId: string): Promise<unknown> => {
        const context = contextOf(asking, commandId);
        const expectedRevision = await compareEntity(owners, operation, input.params, context);
        return call(name, input, { ...context, expectedRevision });
      };
      // Before the key is claimed: a header that cannot be read is not the key's fault.
      revisionOf(asking.ifMatch);
      if (asking.idempotencyKey === undefined) return { status, body: await work(ids.next('c')) };
      const { caller, correlationId } = asking;
      const keyed = {
        key: checkedKey(asking.idempotencyKey),
        actor: caller.actor,
        organizationId: caller.organizationId,
        operation: name,
        status,
        params: input.params,
        body: operation.privateBody ? null : recognisable(input.body),
        correlationId,
        keep: operation.secretAnswer ? withoutSecret : (answer: unknown) => answer,
      };
      return idempotency.once(keyed, work);
    },
  };
};

/** By what a body is told from another one. What must not be in the log is not there as a hash either, which could be guessed. */
const recognisable = (body: unknown): unknown => (isByteBody(body) ? knownOf(body) : body);

/** Null for none, and for the beginning: there is nothing to wait for. */
const afterIn = (query: unknown): string | null => {
  const after: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, 'after') : null;
  return typeof after === 'string' && after !== '' ? after : null;
};

/** @throws {PartituraError} `BAD_IDEMPOTENCY_KEY` */
const checkedKey = (key: string): string => {
  if (key.length >= 1 && key.length <= 255) return key;
  throw new PartituraError('BAD_IDEMPOTENCY_KEY', 'An Idempotency-Key has 1 to 255 characters.');
};

/** Bytes have not been read when their key is claimed: the same ones are known by their kind and length. */
const knownOf = ({ contentType, length }: ByteBody): unknown => ({ contentType, length });

const withoutSecret = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null ? { ...answer, secret: null } : answer;

/** Parts of a run: their revision is that of their last event in the run's stream, which has gone on since. */
const parts: Readonly<Record<string, OperationName>> = { tasks: 'getTask', approvals: 'getApproval' };

/** Compares `If-Match` here where the owner cannot: its stream has more in it than the one resource. */
const compareEntity = async (
  owners: OperationCaller,
  operation: Operation,
  params: unknown,
  context: CallContext,
): Promise<number | null> => {
  const { expectedRevision } = context;
  const read = parts[operation.path.split('/')[1] ?? ''];
  if (expectedRevision === null || !read) return expectedRevision;
  const current = await owners.call(read, { params, query: {}, body: null }, context);
  if (etagOf(current) === `"${expectedRevision}"`) return null;
  throw new PartituraError(
    'STALE_REVISION',
    `It is at revision ${etagOf(current)}, not at "${expectedRevision}".`,
    { advice: 'Read it again and decide on what it says now.' },
  );
};
