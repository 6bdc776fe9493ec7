import { isByteAnswer, type Operation, type OperationName, operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Asking, Performing } from '../commands/performing.ts';
import { etagOf, isUnchanged } from '../commands/preconditions.ts';
import { requireAccepts } from '../conventions/acceptance.ts';
import type { Caller } from '../identity/caller.ts';
import { type ByteAnswering, sendBytes } from './byte-answers.ts';
import { acceptBytes, byteBodyOf } from './byte-bodies.ts';

export interface OperationRoutes extends ByteAnswering {
  readonly performing: Performing;
  readonly callerOf: (request: FastifyRequest) => Caller;
  /** How long nothing may come of a body of bytes. */
  readonly silenceMs: number;
}

const empty = z.strictObject({});

/** Every operation of the table, at its path. */
export const registerOperations = (app: FastifyInstance, routes: OperationRoutes): void => {
  for (const [name, operation] of Object.entries(operations)) {
    registerOperation(app, routes, name as OperationName, operation);
  }
};

/** One of them; what takes bytes has a part of the server of its own, where bodies are not parsed. */
export const registerOperation = (
  app: FastifyInstance,
  routes: OperationRoutes,
  name: OperationName,
  operation: Operation,
): void => {
  const { takes } = operation;
  if (!takes) {
    registerRoute(app, routes, name, operation);
    return;
  }
  void app.register((part, _, done) => {
    acceptBytes(part, takes);
    registerRoute(part, routes, name, operation);
    done();
  });
};

const registerRoute = (
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
    config: { takesBytes: operation.takes !== undefined },
    schema: { operationId: name, params, querystring: query, ...(body ? { body } : {}) },
    preValidation: async (request) => {
      requireAccepts(request.headers.accept, operation.answers ?? ['application/json']);
      if (operation.takes) {
        request.body = byteBodyOf(request, operation, routes.silenceMs);
        return;
      }
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
  routes: OperationRoutes,
  name: OperationName,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> => {
  const { performing, callerOf } = routes;
  const { params, query } = request;
  const input = { params, query, body: operation.body ? request.body : null };
  const asking: Asking = {
    caller: callerOf(request),
    correlationId: request.id,
    idempotencyKey: headerOf(request, 'idempotency-key'),
    ifMatch: request.headers['if-match'],
  };
  if (operation.method !== 'GET') {
    // What is left of a body that is refused is not waited for.
    if (operation.takes) void reply.header('connection', 'close');
    const { status, body } = await performing.command(name, input, asking);
    void reply.removeHeader('connection');
    return status === 204 ? reply.code(status).send() : reply.code(status).send(body);
  }
  const result = await performing.read(name, input, asking);
  if (isByteAnswer(result)) return sendBytes(request, reply, result, routes);
  const etag = etagOf(result);
  if (etag) void reply.header('etag', etag);
  if (etag && isUnchanged(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.code(operation.status).send(result);
};

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};
