import type { EventStore } from '@partitura/shared/event-store';
import { type Clock, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { mercurius } from 'mercurius';
import { z } from 'zod';
import type { Performing } from '../commands/performing.ts';
import type { LiveEvents } from '../events/live-events.ts';
import type { Access } from '../identity/access.ts';
import { admission } from '../identity/admission.ts';
import { stayingCaller } from '../identity/staying-caller.ts';
import { type GraphContext, graphOf } from './context.ts';
import { formattedErrors } from './errors.ts';
import { refuseTooMuch } from './limits.ts';
import { listener } from './listener.ts';
import { loaders } from './loaders.ts';
import { persistedQueries, persistedQuery } from './persisted-queries.ts';
import { graphSchema } from './schema.ts';

export interface GraphOptions extends Pick<Access, 'callerOf' | 'callerNow' | 'countMessage' | 'demand'> {
  readonly store: EventStore;
  readonly live: LiveEvents;
  readonly performing: Performing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly heartbeatMs: number;
  readonly slowClientMs: number;
}

/** Of who subscribes: each subscription is counted like a request. */
interface SubscriberContext extends GraphContext {
  readonly admit: () => Promise<void>;
}

const longestQuery = 100_000;
const mostTokens = 5_000;

/** What the server cannot parse it takes for a parsed document in JSON, unchecked: `"{"` made it fail. */
const isNoJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
};

const query = z
  .string()
  .min(1)
  .max(longestQuery)
  .refine(isNoJson, 'has to be a text in the language of GraphQL');
const beside = {
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
};
const byText = z.strictObject({
  query,
  ...beside,
  extensions: z.record(z.string(), z.unknown()).nullish(),
});
const byHash = z.strictObject({ ...beside, extensions: persistedQuery });

/**
 * `/graphql`: the same operations, rights and answers as REST, as a graph; live over the protocol graphql-transport-ws. There is no
 * playground: whoever wants one points their own here, introspection is open.
 */
export const registerGraphql = async (app: FastifyInstance, options: GraphOptions): Promise<void> => {
  const { logger, callerOf, callerNow, countMessage, heartbeatMs } = options;
  const schema = graphSchema();
  const graphql: FastifyPluginAsync = async (part) => {
    part.addHook('preValidation', async ({ method, body }) => {
      if (method === 'POST') refuseOther(body);
    });
    await part.register(mercurius, {
      schema,
      loaders,
      persistedQueryProvider: persistedQueries(),
      graphql: { parseOptions: { maxTokens: mostTokens } },
      context: (asked): GraphContext => ({
        graph: graphOf({
          ...options,
          caller: async () => callerOf(asked),
          requestId: asked.id,
          signal: new AbortController().signal,
          room: async () => undefined,
        }),
      }),
      errorFormatter: ({ data, errors }, context) => {
        const id = requestIn(context)?.id ?? '';
        const formatted = formattedErrors(errors ?? [], id, logger);
        return {
          statusCode: data ? 200 : formatted.status,
          // Formatted already: mercurius would have it made of errors again.
          response: { data: data ?? null, errors: formatted.errors as never },
        };
      },
      subscription: {
        keepAlive: heartbeatMs,
        context: (socket, asked) => {
          const { signal, room, end } = listener(socket, { ...options, requestId: asked.id });
          const caller = stayingCaller(options.clock, () => callerNow(asked));
          const graph = graphOf({ ...options, caller, requestId: asked.id, signal, room });
          const count = async (): Promise<void> => countMessage(asked, await caller());
          return { graph, admit: admission(count, () => end(4_029, 'too_many_messages')) };
        },
      },
      additionalRouteOptions: { validatorCompiler: () => () => true },
    });
    part.graphql.addHook('preExecution', async (current, document, _context, variables) => {
      refuseTooMuch(current, document, variables);
    });
    part.graphql.addHook('preSubscriptionExecution', async (current, document, context) => {
      const { graph, admit } = context as unknown as SubscriberContext;
      await admit().catch((error: unknown) => {
        throw graph.refusal(error);
      });
      refuseTooMuch(current, document);
    });
  };
  await app.register(graphql);
};

const requestIn = (context: unknown): FastifyRequest | undefined => {
  const reply: unknown = Reflect.get(Object(context), 'reply');
  const asked: unknown = Reflect.get(Object(reply ?? context), 'request');
  return asked as FastifyRequest | undefined;
};

/** @throws {PartituraError} `BAD_REQUEST` */
const refuseOther = (body: unknown): void => {
  const extensions: unknown = Reflect.get(Object(body), 'extensions');
  const named: unknown = Reflect.get(Object(extensions), 'persistedQuery');
  const isNamed = named !== undefined && Reflect.get(Object(body), 'query') === undefined;
  const result = (isNamed ? byHash : byText).safeParse(body);
  if (result.success) return;
  throw new PartituraError('BAD_REQUEST', 'The body is not a request of GraphQL.', {
    problems: result.error.issues.map(({ path, message }) => ({
      path: ['body', ...path].join('.'),
      message,
    })),
  });
};
