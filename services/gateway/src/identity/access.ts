import { isOperationName, operations } from '@partitura/shared/http';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { statusOf } from '../errors.ts';
import { type Authenticator, DeniedError } from './authenticator.ts';
import { authorize, followingEvents, type Need, needOf } from './authorize.ts';
import type { Caller } from './caller.ts';
import type { Denials } from './denials.ts';
import type { RateLimits } from './rate-limits.ts';
import { whileLetIn } from './staying.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asks nobody who they are: for what proves by itself where it comes from, such as a signed webhook. */
    readonly access?: 'open';
  }
}

export interface AccessOptions {
  readonly authenticator: Authenticator;
  readonly denials: Denials;
  readonly limits: RateLimits;
  readonly clock: Clock;
}

export interface Access {
  /** Who sent the request. @throws {Error} for a route that asks nobody */
  callerOf(request: FastifyRequest): Caller;
  /**
   * Who sends it now: for connections that stay, whose key may be revoked meanwhile.
   * @throws {PartituraError} as for a new request
   */
  callerNow(request: FastifyRequest): Promise<Caller>;
  /**
   * Counts what is asked over the connection that a request became, as if it were another request.
   * @throws {PartituraError} `RATE_LIMITED`
   */
  countMessage(request: FastifyRequest, caller: Caller): Promise<void>;
  /**
   * Like `authorize`, with a line in the audit of whoever is refused: for what is decided after the route was let in.
   * @throws {PartituraError} `ROLE_TOO_LOW`, `SCOPE_MISSING`
   */
  demand(caller: Caller, need: Need, about: Demanded): Promise<void>;
  /** From then on each route of this part of the server needs what its operation says, before anything else of it is looked at. */
  guard(app: FastifyInstance): void;
}

export interface Demanded {
  readonly operation: string;
  readonly target: string;
  readonly correlationId: string;
}

/** Finds out who asks, counts them, and says what they may, for every request. */
export const registerAccess = (app: FastifyInstance, options: AccessOptions): Access => {
  const { authenticator, denials, limits, clock } = options;
  const callers = new WeakMap<FastifyRequest, Caller>();

  const authenticate = async (request: FastifyRequest): Promise<Caller> => {
    const { authorization } = request.headers;
    const organization = headerOf(request, 'partitura-organization');
    try {
      return await authenticator.callerOf({ authorization, organization });
    } catch (error) {
      if (error instanceof DeniedError) {
        const { actor, organizationId, code, message: reason } = error;
        await denials.record({ actor, organizationId, code, reason, ...aboutOf(request) });
      }
      throw error;
    }
  };

  app.addHook('onRequest', async (request, reply) => {
    if (isOpen(request)) return;
    try {
      callers.set(request, await authenticate(request));
    } catch (error) {
      await limits.countRefused(request, reply);
      throw error;
    }
    await limits.count(request, reply, callerOf(request));
  });

  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller) return caller;
    throw new Error(`${request.url} was let in without a caller.`);
  };

  const demand: Access['demand'] = async (caller, need, about) => {
    try {
      authorize(caller, need);
    } catch (error) {
      if (error instanceof PartituraError) {
        const { actor, organizationId } = caller;
        await denials.record({ actor, organizationId, code: error.code, reason: error.message, ...about });
      }
      throw error;
    }
  };

  /** What says nothing of who asks, such as a log that is away, cuts nobody off. */
  const isLetIn = async (request: FastifyRequest): Promise<boolean> => {
    try {
      await demand(await authenticate(request), needOfRoute(request), aboutOf(request));
      return true;
    } catch (error) {
      return !(error instanceof PartituraError && [401, 403, 404].includes(statusOf(error.code)));
    }
  };

  return {
    callerOf,
    callerNow: authenticate,
    countMessage: limits.countMessage,
    demand,
    guard: (part) => {
      part.addHook('onRequest', async (request, reply) => {
        if (isOpen(request)) return;
        await demand(callerOf(request), needOfRoute(request), aboutOf(request));
        if (streams.has(operationIdOf(request))) void whileLetIn(clock, reply, () => isLetIn(request));
      });
    },
  };
};

/** What goes on after it was let in. */
const streams: ReadonlySet<string> = new Set(['followEvents', 'followAgentLogs']);

const isOpen = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.config?.access === 'open' || routeOptions.url?.startsWith('/health/') === true;

const operationIdOf = ({ routeOptions: { schema } }: FastifyRequest): string => {
  const id: unknown = schema && Reflect.get(schema, 'operationId');
  return typeof id === 'string' ? id : '';
};

/** By the table of operations; what stands beside it and reads is for viewers, and what is in neither is for owners. */
const needOfRoute = (request: FastifyRequest): Need => {
  const name = operationIdOf(request);
  if (isOperationName(name)) return needOf(operations[name]);
  if (name === 'followEvents') return followingEvents;
  const path = request.routeOptions.url ?? '';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return needOf(reads ? { path, method: 'GET', role: 'viewer' } : { path, method: 'POST', role: 'owner' });
};

const aboutOf = (request: FastifyRequest): Demanded => {
  const [target = ''] = request.url.split('?', 1);
  return {
    operation: operationIdOf(request) || `${request.method} ${request.routeOptions.url ?? ''}`.trim(),
    target: target.slice(0, 500),
    correlationId: request.id,
  };
};

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};
