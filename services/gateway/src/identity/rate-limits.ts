import rateLimit from '@fastify/rate-limit';
import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';
import type { Organizations } from './organizations.ts';

export interface RateLimits {
  /** Counts a request of somebody who is known. @throws {PartituraError} `RATE_LIMITED` */
  count(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<void>;
  /**
   * Counts what is asked over a connection that stays, with the requests of whoever asks.
   * @param request that became the connection
   * @throws {PartituraError} `RATE_LIMITED`
   */
  countMessage(request: FastifyRequest, caller: Caller): Promise<void>;
  /** Counts one of nobody, by address. @throws {PartituraError} `RATE_LIMITED` */
  countRefused(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export interface RateLimitOptions {
  readonly organizations: Organizations;
  /** Whether this machine's user may ask as often as they like. */
  readonly localUnlimited: boolean;
  /** Requests a minute of one caller at one server. Default 6,000. */
  readonly perCaller?: number;
  /** Requests a minute from one address that show no good key. Default 600. */
  readonly refusedPerAddress?: number;
  /** What is called a minute. Default 60. */
  readonly windowSeconds?: number;
}

interface Counted {
  readonly policy: string;
  readonly windowSeconds: number;
  readonly max: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly exceeded: boolean;
}

/**
 * Counts what callers ask, and organisations that have a quota, per server, a minute at a time, and says so in the headers of
 * draft-ietf-httpapi-ratelimit-headers. Who shows no good key is counted by address, after it was looked at: so nobody can shut out
 * the others behind one address.
 */
export const rateLimits = async (app: FastifyInstance, options: RateLimitOptions): Promise<RateLimits> => {
  const { organizations, localUnlimited, perCaller = 6_000, refusedPerAddress = 600 } = options;
  const { windowSeconds = 60 } = options;
  await app.register(rateLimit, { global: false });

  const limiter = (policy: string) => {
    const asked = new WeakMap<FastifyRequest, { readonly key: string; readonly max: number }>();
    const count = app.createRateLimit({
      timeWindow: windowSeconds * 1_000,
      keyGenerator: (request) => asked.get(request)?.key ?? '',
      max: (request) => asked.get(request)?.max ?? 0,
    });
    return async (request: FastifyRequest, key: string, max: number): Promise<Counted> => {
      asked.set(request, { key, max });
      const counted = await count(request);
      // Nobody is on a list of those who are let through uncounted.
      if (counted.isAllowed)
        return { policy, windowSeconds, max, remaining: max, resetSeconds: windowSeconds, exceeded: false };
      const { remaining, ttlInSeconds: resetSeconds, isExceeded: exceeded } = counted;
      return { policy, windowSeconds, max, remaining, resetSeconds, exceeded };
    };
  };
  const [ofCaller, ofOrganization, ofAddress] = [
    limiter('caller'),
    limiter('organization'),
    limiter('address'),
  ];

  const quotaOf = async ({ organizationId }: Caller): Promise<number | null> => {
    if (organizationId === null) return null;
    return (await organizations.recent(organizationId))?.quotas.requestsPerMinute ?? null;
  };

  const counted = async (request: FastifyRequest, caller: Caller): Promise<readonly Counted[]> => {
    const { actor, organizationId } = caller;
    const unlimited = localUnlimited && actor === 'user:local';
    const one = await ofCaller(
      request,
      `${organizationId ?? ''} ${actor}`,
      unlimited ? boundless : perCaller,
    );
    const quota = await quotaOf(caller);
    return quota === null ? [one] : [one, await ofOrganization(request, organizationId ?? '', quota)];
  };

  return {
    count: async (request, reply, caller) => tell(reply, await counted(request, caller)),
    countMessage: async (request, caller) => {
      refuseBeyond(await counted(request, caller));
    },
    countRefused: async (request, reply) =>
      tell(reply, [await ofAddress(request, request.ip, refusedPerAddress)]),
  };
};

/** More than this program can answer in a minute; the headers want a number. */
const boundless = 100_000_000;

/** @throws {PartituraError} `RATE_LIMITED` */
const tell = (reply: FastifyReply, counted: readonly Counted[]): void => {
  const policies = counted.map(({ policy, max, windowSeconds }) => `"${policy}";q=${max};w=${windowSeconds}`);
  const states = counted.map(
    ({ policy, remaining, resetSeconds }) => `"${policy}";r=${remaining};t=${resetSeconds}`,
  );
  void reply.header('ratelimit-policy', policies.join(', ')).header('ratelimit', states.join(', '));
  refuseBeyond(counted, (seconds) => void reply.header('retry-after', String(seconds)));
};

/** @throws {PartituraError} `RATE_LIMITED` */
const refuseBeyond = (
  counted: readonly Counted[],
  sayWhen: (seconds: number) => void = () => undefined,
): void => {
  const exceeded = counted.filter((one) => one.exceeded);
  if (exceeded.length === 0) return;
  const seconds = Math.max(1, ...exceeded.map(({ resetSeconds }) => resetSeconds));
  sayWhen(seconds);
  const limits = exceeded.map(({ policy, max }) => `${max} requests a minute per ${policy}`).join(', and ');
  throw new PartituraError('RATE_LIMITED', `That is more than ${limits}.`, {
    advice: `Ask again in ${seconds} seconds.`,
  });
};
