import { type Operation, type OperationName, operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Asking, Performing } from '../commands/performing.ts';
import { etagOf, isUnchanged } from '../commands/preconditions.ts';
import { requireAccepts } from '../conventions/acceptance.ts';
import type { Caller } from '../identity/caller.ts';

export interface OperationRoutes {
  readonly performing: Performing;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

const empty = z.strictObject({});

/** Every operation of the table, at its path. */
export const registerOperations = (app: FastifyInstance, routes: OperationRoutes): void => {
  for (const [name, operation] of Object.entries(operations)) {
    registerOperation(app, routes, name as OperationName, operation);
  }
};

const registerOperation = (
  app: FastifyInstance,
  routes: OperationRoutes,
  name: OperationName,
  operation: Operation,
): void => {
  const { method, path, params, query, body, bodyLimit } = operation;
  app.route({
    method,
    url: path,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    schema: { operationId: name, params, querystring: query, ...(body ? { body } : {}) },
    preValidation: async (request) => {
      requireAccepts(request.headers.accept, ['application/json']);
      // A command whose fields are all optional needs no body; one that takes none may come with an empty one.
      request.body ??= body ? {} : undefined;
      if (!body && request.body !== undefined) refuseBody(request.body);
    },
    handler: (request, reply) => answer(routes, name, operation, request, reply),
  });
};

const refuseBody = (body: unknown): void => {
  if (empty.safeParse(body).success) return;
  throw new PartituraError('BAD_REQUEST', 'This takes no body.', {
    problems: [{ path: 'body', message: 'has to be empty' }],
  });
};

const answer = async (
  { performing, callerOf }: OperationRoutes,
  name: OperationName,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> => {
  const { params, query } = request;
  const input = { params, query, body: operation.body ? request.body : null };
  const asking: Asking = {
    caller: callerOf(request),
    correlationId: request.id,
    idempotencyKey: headerOf(request, 'idempotency-key'),
    ifMatch: request.headers['if-match'],
  };
  if (operation.method !== 'GET') {
    const { status, body } = await performing.command(name, input, asking);
    return status === 204 ? reply.code(status).send() : reply.code(status).send(body);
  }
  const result = await performing.read(name, input, asking);
  const etag = etagOf(result);
  if (etag) void reply.header('etag', etag);
  if (etag && isUnchanged(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.code(operation.status).send(result);
};

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};
