import { Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import {
  type ByteAnswer,
  type CallContext,
  isByteAnswer,
  isOperationName,
  type Operation,
  operations,
} from '../../http/index.ts';
import {
  type HealthCheck,
  type Logger,
  PartituraError,
  type PrometheusMetrics,
  type Service,
  withCorrelation,
} from '../../runtime/index.ts';
import type { EarlyServer } from '../process/early-server.ts';
import { registerHealth } from '../process/health-routes.ts';
import { answerHeader, answerHeadOf, bytesType, callFrom, callHeader } from './byte-wire.ts';
import type { ServiceCredentials } from './credentials.ts';
import { failureOf, type OperationCall, operationCall, operationPath, refusedStatus } from './wire.ts';

export interface OperationServerOptions {
  readonly service: Service;
  readonly server: Pick<EarlyServer, 'takeOver' | 'open'>;
  readonly credentials: ServiceCredentials;
  readonly checks: readonly HealthCheck[];
  readonly metrics: PrometheusMetrics;
  readonly logger: Logger;
  /** How often it says of a call of bytes that it is still at it. Default 10 s. */
  readonly stillAtItMs?: number;
}

type Handler = (
  input: Pick<OperationCall, 'params' | 'query' | 'body'>,
  context: CallContext,
) => Promise<unknown>;

/** A PRD of 10 MB comes as JSON within JSON. */
const bodyLimit = 32 * 1024 * 1024;

/** A service's operations for the gateway, its health and its figures, over HTTP. Only who has the services' key gets an answer. */
export const operationServer = async (options: OperationServerOptions): Promise<FastifyInstance> => {
  const { service, server, credentials, logger, stillAtItMs = 10_000 } = options;
  const app = fastify({ bodyLimit, serverFactory: server.takeOver });
  // A bundle over a slow line takes as long as it takes: the gateway sees to it that it comes.
  app.server.requestTimeout = 0;
  // Taken as they come, by the operation that they are for.
  app.addContentTypeParser(bytesType, (_, payload, done) => done(null, payload));
  registerHealth(app, { checks: [...options.checks, ...service.health], metrics: options.metrics });

  app.post<{ Params: { name: string } }>(operationPath(':name'), async (request, reply) => {
    const caller = await credentials.verify(request.headers.authorization, service.name);
    if (caller === null) return reply.code(401).send({ code: 'NOT_A_SERVICE' });
    const handler = handlerOf(service, request.params.name);
    if (handler === null) return reply.code(404).send({ code: 'OPERATION_NOT_AVAILABLE' });
    const { context, ...input } = operationCall.parse(callIn(request));
    const fields = { correlationId: context.correlationId, operation: request.params.name };
    const told = isOfBytes(request.params.name) ? stillAtIt(reply, stillAtItMs) : null;
    return withCorrelation(fields, async () => {
      try {
        const answering: Promise<unknown> = handler(input, context);
        const answer = await answering;
        return await (isByteAnswer(answer) ? sendBytes(reply, answer) : reply.send({ result: answer }));
      } catch (error) {
        if (error instanceof PartituraError) return reply.code(refusedStatus).send(failureOf(error));
        logger.error({ error }, 'an operation failed');
        return reply.code(500).send({ code: 'INTERNAL_ERROR' });
      } finally {
        clearInterval(told ?? undefined);
      }
    });
  });
  await app.ready();
  server.open();
  return app;
};

const isOfBytes = (name: string): boolean => {
  if (!isOperationName(name)) return false;
  const { takes, answers }: Operation = operations[name];
  return takes !== undefined || answers !== undefined;
};

/** What is made of many bytes, or makes them, may take minutes before there is an answer: whoever waits is told that somebody is at it. */
const stillAtIt = ({ raw }: FastifyReply, everyMs: number) =>
  setInterval(() => {
    if (!raw.headersSent && !raw.destroyed) raw.writeProcessing();
  }, everyMs);

const callIn = ({ headers, body }: FastifyRequest): unknown => {
  const head = headers[callHeader];
  if (typeof head !== 'string' || !(body instanceof Readable)) return body;
  // Who refuses in the middle of it has to say so: the connection stays.
  return callFrom(head, body.iterator({ destroyOnReturn: false }));
};

/** Whoever goes away before its end stops the reading. */
const sendBytes = (reply: FastifyReply, answer: ByteAnswer): FastifyReply =>
  reply
    .header(answerHeader, answerHeadOf(answer))
    .type(bytesType)
    .send(Readable.from(answer.bytes, { objectMode: false }));

const handlerOf = (service: Service, name: string): Handler | null => {
  if (!isOperationName(name)) return null;
  // The gateway parsed the input with the schemas of this very operation.
  return (service.operations[name] as Handler | undefined) ?? null;
};
