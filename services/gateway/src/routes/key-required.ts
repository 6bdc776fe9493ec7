import { createHash, timingSafeEqual } from 'node:crypto';
import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';

/**
 * Everything but the health of the process needs the key. Compared by their hashes: neither the time it takes nor the length says
 * anything of the key.
 */
export const registerKeyRequired = (app: FastifyInstance, key: string): void => {
  const expected = digest(key);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url?.startsWith('/health/')) return;
    const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (shown !== undefined && timingSafeEqual(digest(shown), expected)) return;
    throw new PartituraError(
      'KEY_REQUIRED',
      shown === undefined ? 'This server asks for a key.' : 'This server does not know that key.',
      { advice: 'Send it as "Authorization: Bearer <key>"; the command takes it from PARTITURA_API_KEY.' },
    );
  });
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
