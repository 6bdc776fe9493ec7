import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its bodies are passed on as they come, and looked after by whoever reads them. */
    readonly takesBytes?: boolean;
  }
}

export interface ArrivalLimits {
  /** How long a request may take to come, but for one whose body is bytes. Default 60 s. */
  readonly requestMs: number;
  /** How long nothing may come of a body of bytes that is waited for. Default 60 s. */
  readonly silenceMs: number;
}

export const arrivalLimits: ArrivalLimits = { requestMs: 60_000, silenceMs: 60_000 };

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const late = (): Error => Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/**
 * Node.js has one limit for all requests, the last byte of the body included: an upload over a slow line was cut off however steadily it
 * came. So that one is off, and bodies that are read as a whole are given their time here.
 */
export const registerArrival = (app: FastifyInstance, { requestMs }: ArrivalLimits): void => {
  app.server.requestTimeout = 0;
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    if (!hasBody(request) || request.routeOptions.config.takesBytes) return;
    const timer = setTimeout(() => {
      if (raw.complete || raw.socket.destroyed) return;
      if (reply.raw.headersSent) raw.socket.destroy();
      else app.server.emit('clientError', late(), raw.socket);
    }, requestMs);
    timer.unref();
    raw.once('end', () => clearTimeout(timer));
    raw.once('close', () => {
      if (raw.complete || raw.socket.destroyed) clearTimeout(timer);
    });
  });
};
