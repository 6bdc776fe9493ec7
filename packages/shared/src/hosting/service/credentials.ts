import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../runtime/index.ts';
import { type Configuration, PartituraError } from '../../runtime/index.ts';

const algorithm = 'HS256';
const lifetimeMs = 60_000;
/** Machines do not agree on the time to the second. */
const toleranceSeconds = 30;

/** How a caller proves itself: a token for one service, signed with the key all services have, good for a minute. */
export interface ServiceCredentials {
  /** A value of the `Authorization` header. */
  authorizationFor(audience: string): Promise<string>;
  /** Who calls; null when that is not proven. */
  verify(authorization: string | undefined, audience: string): Promise<string | null>;
}

/** @throws {PartituraError} `KEYS_REQUIRED` */
export const requireServiceKey = ({ serviceKey }: Configuration): string => {
  if (serviceKey !== null) return serviceKey;
  throw new PartituraError(
    'KEYS_REQUIRED',
    'PARTITURA_SERVICE_KEY is not set: a service does not answer whoever happens to reach it.',
    { advice: 'Give all services the same random key, for example that of: openssl rand -hex 32' },
  );
};

export const serviceCredentials = (key: string, caller: string, clock: Clock): ServiceCredentials => {
  const secret = new TextEncoder().encode(key);
  const kept = new Map<string, { readonly header: string; readonly until: number }>();

  return {
    authorizationFor: async (audience) => {
      const known = kept.get(audience);
      if (known && known.until > clock.now()) return known.header;
      const issued = Math.floor(clock.now() / 1_000);
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: algorithm })
        .setIssuer(caller)
        .setAudience(audience)
        .setIssuedAt(issued)
        .setExpirationTime(issued + lifetimeMs / 1_000)
        .sign(secret);
      const header = `Bearer ${token}`;
      kept.set(audience, { header, until: clock.now() + lifetimeMs / 2 });
      return header;
    },
    verify: async (authorization, audience) => {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      if (token === undefined) return null;
      try {
        const { payload } = await jwtVerify(token, secret, {
          audience,
          algorithms: [algorithm],
          clockTolerance: toleranceSeconds,
          currentDate: new Date(clock.now()),
          requiredClaims: ['iss', 'exp'],
        });
        return payload.iss ?? null;
      } catch {
        // Whatever is wrong with it, it proves nothing, and whoever sent it is not told what.
        return null;
      }
    },
  };
};
