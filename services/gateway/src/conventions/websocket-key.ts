import type { FastifyInstance } from 'fastify';

/**
 * A browser cannot send a header with a WebSocket, only names of protocols: `partitura, bearer.<key>` stands for
 * `Authorization: Bearer <key>`. In the URL it would end up in logs. Has to be registered before whatever asks for keys.
 */
export const registerWebSocketKey = (app: FastifyInstance): void => {
  app.addHook('onRequest', async ({ raw, headers }) => {
    if (raw.headers.upgrade?.toLowerCase() !== 'websocket' || headers.authorization !== undefined) return;
    const offered = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
    const key = offered.find((one) => one.startsWith('bearer.'))?.slice('bearer.'.length);
    if (key) headers.authorization = `Bearer ${key}`;
  });
};
