import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';
import { isLoopback } from '../listening.ts';

/**
 * Without keys, being on this machine is the only proof there is. A web page in the user's browser is on this machine too: one
 * that had its own name point to 127.0.0.1 is known by the `Host` header, one that simply posts here by its `Origin`.
 */
export const registerLocalOnly = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request) => {
    if (!isLoopback(request.hostname))
      throw new PartituraError('HOST_NOT_ALLOWED', 'Without API keys only this machine is served.', {
        advice: 'Ask http://127.0.0.1 instead.',
      });
    const { origin } = request.headers;
    if (origin !== undefined && !isLocalOrigin(origin))
      throw new PartituraError('ORIGIN_NOT_ALLOWED', 'Without API keys no other site may ask this server.');
  });
};

const isLocalOrigin = (origin: string): boolean =>
  URL.canParse(origin) && isLoopback(new URL(origin).hostname);
