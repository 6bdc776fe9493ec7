import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import {
  type EarlyServer,
  listenError,
  type RenderedMetrics,
  registerHealth,
} from '@partitura/shared/hosting';
import {
  type Clock,
  type HealthCheck,
  type Ids,
  type Logger,
  PartituraError,
} from '@partitura/shared/runtime';
import { type KeyRing, keyRing, openedStore } from '@partitura/shared/subject-keys';
import { type FastifyInstance, fastify } from 'fastify';
import { hasZodFastifySchemaValidationErrors, validatorCompiler } from 'fastify-type-provider-zod';
import { idempotency } from './commands/idempotency.ts';
import { performing } from './commands/performing.ts';
import { registerAcceptance } from './conventions/acceptance.ts';
import { type ArrivalLimits, arrivalLimits, registerArrival } from './conventions/arrival.ts';
import { registerHeaders } from './conventions/headers.ts';
import { answerMalformed } from './conventions/malformed.ts';
import { registerWebSocketKey } from './conventions/websocket-key.ts';
import { registerDocuments } from './documents/register-documents.ts';
import { type LiveText, registerEvents } from './events/event-routes.ts';
import { liveEvents } from './events/live-events.ts';
import { registerGraphql } from './graphql/register-graphql.ts';
import { type IdentityOptions, registerIdentity } from './identity/identity.ts';
import { type HookSecrets, registerHooks } from './inbound/register-hooks.ts';
import { refuseOpenHost } from './listening.ts';
import type { OperationCaller } from './operation-caller.ts';
import { sendProblem } from './problem.ts';
import { replayOperations } from './replay/replay-operations.ts';
import { registerArtifactContent } from './routes/artifact-content.ts';
import { registerLocalOnly } from './routes/local-only.ts';
import { registerNotFound } from './routes/not-found.ts';
import { registerOperations } from './routes/register-operations.ts';
import { withOpenedAnswers } from './subjects/opened-caller.ts';
import { subjectHandlers } from './subjects/subject-operations.ts';
import { registerWebSocket, registerWebSockets } from './websocket/register-websocket.ts';

export interface GatewayOptions {
  readonly caller: OperationCaller;
  readonly store: EventStore;
  readonly blobs: BlobStore;
  /** By whose keys what is sealed is opened for whoever may read it. Default: there is nobody whose data can be erased. */
  readonly subjects?: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Of the program, for OpenAPI. */
  readonly version: string;
  readonly health?: readonly HealthCheck[];
  readonly metrics?: RenderedMetrics;
  /** What the server was started with: who shows it owns the installation. Default: none. */
  readonly apiKey?: string | null;
  /** Whether everybody has to show who they are. Default: where there is an `apiKey`; else only this machine is served. */
  readonly keysRequired?: boolean;
  /** Whose bearer tokens are taken. Default: nobody's. */
  readonly oidc?: IdentityOptions['oidc'];
  readonly limits?: IdentityOptions['limits'];
  /** What CI systems prove themselves with. Default: none may call. */
  readonly hooks?: HookSecrets;
  /** A server that listens already; without one, `listen` makes its own. */
  readonly server?: EarlyServer;
  readonly liveText?: LiveText;
  /** Sites whose pages may ask. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Default 15 s. */
  readonly heartbeatMs?: number;
  /** How long a client of an event stream may take nothing before it is dropped. Default 30 s. */
  readonly slowClientMs?: number;
  /** How long requests may take to come. */
  readonly arrival?: ArrivalLimits;
}

export interface Gateway {
  readonly app: FastifyInstance;
  /**
   * Port 0 takes any that is free.
   * @throws {PartituraError} `PORT_TAKEN`, `PORT_NOT_ALLOWED`, `HOST_NOT_AVAILABLE`, `KEYS_REQUIRED`
   */
  listen(address: {
    readonly host: string;
    readonly port: number;
  }): Promise<{ readonly url: string; readonly port: number }>;
  /** Ends event streams, answers what is at work, and lets the port go. */
  close(): Promise<void>;
}

export const apiPrefix = '/api/v1';

/** The operator API over HTTP. */
export const gatewayServer = async (options: GatewayOptions): Promise<Gateway> => {
  const { subjects = keyRing(), store, blobs, clock } = options;
  const { ids, apiKey = null, oidc = null, heartbeatMs = 15_000, slowClientMs = 30_000 } = options;
  const { arrival = arrivalLimits } = options;
  const keysRequired = options.keysRequired ?? apiKey !== null;
  const logger = options.logger.child({ service: 'gateway' });
  const stopping = new AbortController();
  const app = fastify({
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 8_192 },
    forceCloseConnections: 'idle',
    ...(options.server ? { serverFactory: options.server.takeOver } : {}),
    genReqId: (request) => requestIdOf(request.headers['x-request-id']) ?? ids.next('q'),
    clientErrorHandler: answerMalformed(() => ids.next('q')),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, logger),
  });

  app.setValidatorCompiler(validatorCompiler);
  // What the owners answer has the shape of their operation; it is written, not checked again.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) =>
    sendProblem(inputError(error) ?? error, request, reply, logger),
  );
  acceptJson(app);
  registerArrival(app, arrival);
  app.addHook('preClose', async () => stopping.abort());
  await registerHeaders(app, { corsOrigins: options.corsOrigins ?? [] });
  registerAcceptance(app);
  // Before whoever refuses a request: only it can end the socket of one that would have become a WebSocket.
  await registerWebSockets(app);
  registerWebSocketKey(app);

  if (!keysRequired) registerLocalOnly(app);
  const own = {
    ...subjectHandlers({ subjects, store, blobs, clock }),
    ...replayOperations(options.caller, store),
  };
  const identity = await registerIdentity(app, { ...options, logger, apiKey, keysRequired, oidc, own });
  const caller = withOpenedAnswers(identity.caller, subjects);
  registerNotFound(app);
  await registerDocuments(app, { version: options.version, prefix: apiPrefix });
  const keys = idempotency({ ...options, logger });
  const shared = {
    ...options,
    ...identity,
    caller,
    subjects,
    live: liveEvents(store, subjects),
    performing: performing({ ...options, caller, idempotency: keys }),
    logger,
    stopping: stopping.signal,
    silenceMs: arrival.silenceMs,
    heartbeatMs,
    slowClientMs,
  };
  const opened = { ...shared, store: openedStore(store, subjects) };
  registerWebSocket(app, opened);
  await registerGraphql(app, opened);
  await registerHooks(app, { caller, logger, secrets: options.hooks ?? { github: null, gitlab: null } });
  registerHealth(app, { checks: options.health ?? [], metrics: options.metrics });
  await app.register(
    async (api) => {
      identity.guard(api);
      registerOperations(api, shared);
      registerEvents(api, shared);
      registerArtifactContent(api, shared);
    },
    { prefix: apiPrefix },
  );
  await app.ready();
  options.server?.open();

  return {
    app,
    listen: async ({ host, port }) => {
      refuseOpenHost(host, keysRequired);
      try {
        await app.listen({ host, port });
      } catch (error) {
        throw listenError(error, host, port);
      }
      const [address] = app.addresses();
      const actual = typeof address === 'object' ? address.port : port;
      const shown = host.includes(':') ? `[${host}]` : host;
      return { url: `http://${shown}:${actual}`, port: actual };
    },
    close: async () => {
      stopping.abort();
      await app.close();
      await identity.close();
    },
  };
};

const requestIdOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[\w.:-]{1,64}$/.test(header) ? header : undefined;

/** JSON and nothing else; a command that needs no body may say that it sends JSON and send nothing. */
const acceptJson = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = typeof body === 'string' ? body : body.toString('utf8');
    if (text.trim() === '') done(null, undefined);
    else void parse(request, text, done);
  });
};

/** What a schema is about, as people call it. */
const titles: Readonly<Record<string, string>> = {
  params: 'The path is',
  query: 'The query is',
  headers: 'The headers are',
  body: 'The body is',
};

/** What the schemas refuse, field by field. */
const inputError = (error: unknown): PartituraError | null => {
  if (!hasZodFastifySchemaValidationErrors(error)) return null;
  const context = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body');
  const problems = error.validation.map(({ instancePath, message }) => ({
    path: [context, ...instancePath.split('/').filter((part) => part !== '')].join('.'),
    message: message ?? 'is not valid',
  }));
  return new PartituraError('BAD_REQUEST', `${titles[context] ?? 'The input is'} not as it has to be.`, {
    problems,
  });
};
