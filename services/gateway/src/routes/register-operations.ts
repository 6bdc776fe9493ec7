import { type CallContext, type Operation, type OperationName, operations } from '@partitura/shared/http';
import { type Ids, PartituraError, withCorrelation } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { commandIdOf, type Idempotency } from '../commands/idempotency.ts';
import { etagOf, revisionOf } from '../commands/preconditions.ts';
import type { Caller } from '../identity/caller.ts';
import type { OperationCaller } from '../operation-caller.ts';

export interface OperationRoutes {
  readonly caller: OperationCaller;
  readonly ids: Ids;
  readonly idempotency: Idempotency;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

const empty = z.strictObject({});

/** Every operation of the table, at its path. */
export const registerOperations = (app: FastifyInstance, routes: OperationRoutes): void => {
  for (const [name, operation] of Object.entries(operations)) {
    app.route({
      method: operation.method,
      url: operation.path,
      schema: {
        operationId: name,
        summary: operation.summary,
        tags: [operation.path.split('/')[1] ?? ''],
        params: operation.params,
        querystring: operation.query,
        ...(operation.body ? { body: operation.body } : {}),
        response: { [operation.status]: operation.result },
      },
      preValidation: async (request) => {
        // A command whose fields are all optional needs no body; one that takes none may come with an empty one.
        request.body ??= operation.body ? {} : undefined;
        if (!operation.body && request.body !== undefined) refuseBody(request.body);
      },
      handler: (request, reply) =>
        withCorrelation({ correlationId: request.id, operation: name }, () =>
          answer(routes, name as OperationName, operation, request, reply),
        ),
    });
  }
};

const refuseBody = (body: unknown): void => {
  if (empty.safeParse(body).success) return;
  throw new PartituraError('BAD_REQUEST', 'This takes no body.', {
    problems: [{ path: 'body', message: 'has to be empty' }],
  });
};

const answer = async (
  routes: OperationRoutes,
  name: OperationName,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> => {
  const context = contextOf(routes, name, request);
  const input = {
    params: request.params,
    query: request.query,
    body: operation.body ? request.body : null,
  };
  if (operation.method === 'GET') {
    const result = await routes.caller.call(name, input, context);
    const etag = etagOf(result);
    if (etag) void reply.header('etag', etag);
    return reply.code(operation.status).send(result);
  }
  const perform = async () => {
    const expectedRevision = await compareEntity(routes, operation, input.params, context);
    return routes.caller.call(name, input, { ...context, expectedRevision });
  };
  const keyed = request.headers['idempotency-key'] !== undefined;
  const result = await (keyed ? routes.idempotency.once(context.commandId, input.body, perform) : perform());
  return reply.code(operation.status).send(result);
};

const contextOf = (
  { ids, callerOf }: OperationRoutes,
  name: OperationName,
  request: FastifyRequest,
): CallContext => {
  const { actor, organizationId } = callerOf(request);
  const key = request.headers['idempotency-key'];
  return {
    actor,
    organizationId,
    correlationId: request.id,
    commandId:
      key === undefined
        ? ids.next('c')
        : commandIdOf(actor, name, JSON.stringify(request.params), keyText(key)),
    expectedRevision: revisionOf(request.headers['if-match']),
  };
};

const keyText = (key: string | string[]): string => {
  const text = Array.isArray(key) ? key.join(',') : key;
  if (text.length >= 1 && text.length <= 255) return text;
  throw new PartituraError('BAD_IDEMPOTENCY_KEY', 'An Idempotency-Key has 1 to 255 characters.');
};

/** Parts of a run: their revision is that of their last event in the run's stream, which has gone on since. */
const parts: Readonly<Record<string, OperationName>> = { tasks: 'getTask', approvals: 'getApproval' };

/** Compares `If-Match` here where the owner cannot: its stream has more in it than the one resource. */
const compareEntity = async (
  { caller }: OperationRoutes,
  operation: Operation,
  params: unknown,
  context: CallContext,
): Promise<number | null> => {
  const { expectedRevision } = context;
  const read = parts[operation.path.split('/')[1] ?? ''];
  if (expectedRevision === null || !read) return expectedRevision;
  const current = await caller.call(read, { params, query: {}, body: null }, context);
  if (etagOf(current) === `"${expectedRevision}"`) return null;
  throw new PartituraError(
    'STALE_REVISION',
    `It is at revision ${etagOf(current)}, not at "${expectedRevision}".`,
    {
      advice: 'Read it again and decide on what it says now.',
    },
  );
};
