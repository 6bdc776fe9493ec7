import { createServer } from 'node:http';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface SignOptions {
  readonly expiresAt?: number;
  readonly issuer?: string;
  readonly audience?: string;
  readonly kid?: string;
  /** Signs with a key that the provider does not publish, under the id of the one it does. */
  readonly forged?: boolean;
}

export interface IdentityProvider {
  readonly issuer: string;
  /** What was asked for, in order. */
  readonly asked: string[];
  /** Answers with 500 while it is. */
  away: boolean;
  sign(claims: JWTPayload, options?: SignOptions): Promise<string>;
  close(): Promise<void>;
}

/** An identity provider on this machine: its discovery document, its keys, and tokens signed with them. */
export const startIdentityProvider = async (now: () => number): Promise<IdentityProvider> => {
  const [published, secret] = await Promise.all([newKeys(), newKeys()]);
  const jwk = { ...(await exportJWK(published.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (provider.away) return void response.writeHead(500).end();
    const document = {
      '/.well-known/openid-configuration': { issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` },
      '/keys': { keys: [jwk] },
    }[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const provider: IdentityProvider = {
    issuer: `http://127.0.0.1:${port}`,
    asked,
    away: false,
    sign: (claims, { expiresAt, issuer, audience, kid, forged } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: kid ?? 'one' })
        .setIssuer(issuer ?? provider.issuer)
        .setAudience(audience ?? 'partitura')
        .setExpirationTime(Math.floor((expiresAt ?? now() + 600_000) / 1_000))
        .sign((forged ? secret : published).privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return provider;
};

const newKeys = (): Promise<GenerateKeyPairResult> => generateKeyPair('ES256', { extractable: true });
