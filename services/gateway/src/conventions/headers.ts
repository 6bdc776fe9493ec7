import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * What a page of ours may do in a browser: show itself, and ask this server. Written once: the plugin puts it together again for each
 * request, which took longer than all its other headers.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

const requestHeaders = [
  'accept',
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'partitura-organization',
  'x-request-id',
];
const answerHeaders = [
  'content-disposition',
  'partitura-position',
  'etag',
  'retry-after',
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
];

/** A browser's question whether it may ask. Any other OPTIONS is about the path. */
const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method !== 'OPTIONS' ||
  (headers.origin !== undefined && headers['access-control-request-method'] !== undefined);

/**
 * Security headers on every answer, compression where the client takes it, and CORS for the sites that are named and no other. Has to
 * be registered before whatever asks for keys: a browser asks without one whether it may.
 */
export const registerHeaders = async (
  app: FastifyInstance,
  { corsOrigins }: { readonly corsOrigins: readonly string[] },
): Promise<void> => {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    // Where the plugin puts the others: a route may say another one.
    reply.raw.setHeader('content-security-policy', contentSecurityPolicy);
  });
  await app.register(helmet, {
    contentSecurityPolicy: false,
    // Whether there is TLS in front of it, the server does not know.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  if (corsOrigins.length > 0) {
    const options = {
      origin: [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: requestHeaders,
      exposedHeaders: answerHeaders,
      maxAge: 600,
    };
    await app.register(cors, {
      delegator: async (request: FastifyRequest) => (isPreflight(request) ? options : { origin: false }),
    });
  }
  // Only answers that are whole: event streams write to the socket themselves, and each of their events has to leave at once.
  await app.register(compress, { encodings: ['gzip', 'deflate'], globalDecompression: false });
};
