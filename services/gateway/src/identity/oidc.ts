import { type Clock, type Configuration, PartituraError } from '@partitura/shared/runtime';
import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  type RemoteJWKSet,
} from 'jose';
import { z } from 'zod';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Null: as the issuer's discovery document says. */
  readonly jwksUrl: string | null;
  readonly organizationClaim: string | null;
}

/** What a token says of its bearer, once it is known to be good. */
export interface TokenHolder {
  readonly subject: string;
  /** Only one that the provider has verified: an address that anybody may write down proves nothing. Lower case. */
  readonly email: string | null;
  readonly organization: string | null;
}

export interface Tokens {
  /** @throws {PartituraError} `TOKEN_EXPIRED`, `TOKEN_AUDIENCE`, `TOKEN_ISSUER`, `TOKEN_INVALID`, `IDENTITY_PROVIDER_UNREACHABLE` */
  verify(token: string): Promise<TokenHolder>;
}

/**
 * Null where no issuer is configured.
 * @throws {PartituraError} `CONFIGURATION` for an issuer without an audience: tokens for anybody else would do
 */
export const oidcSettings = (configuration: Configuration): OidcSettings | null => {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwksUrl, oidcOrganizationClaim } = configuration;
  if (issuer === null) return null;
  if (audience !== null)
    return { issuer, audience, jwksUrl: oidcJwksUrl, organizationClaim: oidcOrganizationClaim };
  const problem = 'has to be set with PARTITURA_OIDC_ISSUER: tokens made for other programs would do';
  throw new PartituraError('CONFIGURATION', `PARTITURA_OIDC_AUDIENCE ${problem}.`, {
    problems: [{ path: 'PARTITURA_OIDC_AUDIENCE', message: problem }],
  });
};

/** Signatures that only the issuer can make: with a shared secret, or none, a token proves nothing here. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Clocks differ. */
const toleranceSeconds = 30;
const timeoutMs = 5_000;
/** After a failure the provider is left alone for so long. */
const coolDownMs = 5_000;

const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Checks bearer tokens against the issuer's keys, which are fetched when they are first needed, kept, and fetched again for a key that is new. */
export const oidcTokens = (settings: OidcSettings, clock: Clock): Tokens => {
  let keys: Promise<RemoteJWKSet> | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  const keySet = (): Promise<RemoteJWKSet> => {
    keys ??= jwksUrlOf(settings).then((url) =>
      createRemoteJWKSet(new URL(url), { timeoutDuration: timeoutMs, cooldownDuration: 30_000 }),
    );
    return keys;
  };

  /** Otherwise a flood of tokens would be a flood of requests to a provider that is down. */
  const refuseWhileCooling = (): void => {
    if (Math.abs(clock.now() - failedAt) < coolDownMs) throw unreachable();
  };

  const failed = (cause: unknown): PartituraError => {
    failedAt = clock.now();
    keys = null;
    return unreachable(cause);
  };

  return {
    verify: async (token) => {
      refuseWhileCooling();
      const found = await keySet().catch((error: unknown) => {
        throw failed(error);
      });
      try {
        const { payload } = await jwtVerify(token, keyOf(found), {
          issuer: settings.issuer,
          audience: settings.audience,
          algorithms,
          clockTolerance: toleranceSeconds,
          currentDate: new Date(clock.now()),
          requiredClaims: ['sub', 'exp'],
        });
        return holderOf(payload, settings.organizationClaim);
      } catch (error) {
        throw error instanceof KeysNotHad ? failed(error.cause) : refusalOf(error);
      }
    },
  };
};

const jwksUrlOf = async ({ jwksUrl, issuer }: OidcSettings): Promise<string> => {
  if (jwksUrl !== null) return jwksUrl;
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  const document = discoveryDocument.parse(await response.json());
  if (document.issuer !== issuer) throw new Error(`${url} is of the issuer ${document.issuer}`);
  return document.jwks_uri;
};

const holderOf = (payload: JWTPayload, organizationClaim: string | null): TokenHolder => {
  const { sub, email, email_verified: verified } = payload;
  const organization = organizationClaim === null ? null : payload[organizationClaim];
  if (sub === undefined || sub === '' || sub.length > 255) throw invalid('Its subject cannot be used.');
  return {
    subject: sub,
    email: typeof email === 'string' && verified === true ? email.toLowerCase() : null,
    organization: typeof organization === 'string' && organization !== '' ? organization : null,
  };
};

/** The provider's fault, told apart from the token's: a token that anybody made up must not shut out those that are good. */
class KeysNotHad extends Error {}

const keyOf =
  (keys: RemoteJWKSet): JWTVerifyGetKey =>
  (header, token) =>
    keys(header, token).catch((error: unknown) => {
      const ofToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];
      if (ofToken.some((kind) => error instanceof kind)) throw error;
      throw new KeysNotHad('The keys cannot be had.', { cause: error });
    });

/** What is wrong with the token. What it says is not repeated: it may be anything. */
const refusalOf = (error: unknown): PartituraError => {
  if (error instanceof PartituraError) return error;
  if (error instanceof errors.JWTExpired) return refused('TOKEN_EXPIRED', 'The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefused(error.claim);
  if (error instanceof errors.JWKSNoMatchingKey)
    return invalid('The issuer has no key that it could be signed with.');
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('Its signature is wrong.');
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return invalid('It is not signed in a way that proves who issued it.');
  return invalid('It cannot be read.');
};

const claimRefused = (claim: string): PartituraError => {
  if (claim === 'aud') return refused('TOKEN_AUDIENCE', 'The token was issued for another program.');
  if (claim === 'iss') return refused('TOKEN_ISSUER', 'The token is of an issuer that is not trusted here.');
  return invalid(`Its claim ${claim} is missing or wrong.`);
};

const advice = 'Get another one from the identity provider.';
const refused = (code: string, message: string): PartituraError =>
  new PartituraError(code, message, { advice });
const invalid = (what: string): PartituraError =>
  refused('TOKEN_INVALID', `The bearer token is not accepted. ${what}`);

const unreachable = (cause?: unknown): PartituraError =>
  new PartituraError('IDENTITY_PROVIDER_UNREACHABLE', 'The keys of the identity provider cannot be had.', {
    advice: 'Try again in some seconds.',
    ...(cause === undefined ? {} : { cause }),
  });
