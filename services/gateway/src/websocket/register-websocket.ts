import websocket from '@fastify/websocket';
import type { EventStore } from '@partitura/shared/event-store';
import { type Clock, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Performing } from '../commands/performing.ts';
import type { LiveEvents } from '../events/live-events.ts';
import type { Access } from '../identity/access.ts';
import { openConnection, type Socket } from './connection.ts';
import { openSession } from './session.ts';

export interface WebSocketOptions extends Pick<Access, 'callerNow' | 'countMessage' | 'demand'> {
  readonly store: EventStore;
  readonly live: LiveEvents;
  readonly performing: Performing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly heartbeatMs: number;
  readonly slowClientMs: number;
}

const largestMessage = 64 * 1024;
/** That came while one before them is at work. */
const mostWaiting = 100;

/** What may stand in `Sec-WebSocket-Protocol` beside the key: see `conventions/websocket-key.ts`. */
const protocols = ['partitura', 'graphql-transport-ws'];

/** Has to be registered before whatever refuses requests, and before the routes that are WebSockets. */
export const registerWebSockets = async (app: FastifyInstance): Promise<void> => {
  await app.register(websocket, {
    options: {
      maxPayload: largestMessage,
      handleProtocols: (offered: ReadonlySet<string>) => protocols.find((one) => offered.has(one)) ?? false,
    },
    // Streams say goodbye themselves, with a reason, when the server begins to stop.
    preClose: async () => {
      for (const client of app.websocketServer.clients) client.close();
    },
  });
};

/** `/ws`: topics with their state and what becomes of it, and commands, over one connection. */
export const registerWebSocket = (app: FastifyInstance, options: WebSocketOptions): void => {
  const { clock, stopping, heartbeatMs, slowClientMs: slowMs, logger } = options;
  const accept = (socket: Socket, request: FastifyRequest): void => {
    const onSlow = (): void =>
      logger.warn({ requestId: request.id }, 'a client took its events too slowly and was dropped');
    const connection = openConnection(socket, { clock, stopping, heartbeatMs, slowMs, onSlow });
    const take = openSession({
      ...options,
      connection,
      requestId: request.id,
      callerNow: () => options.callerNow(request),
      count: async () => options.countMessage(request, await options.callerNow(request)),
    });
    let waiting = 0;
    let last = connection.send({ type: 'welcome', heartbeatMs });
    socket.on('message', (data) => {
      waiting += 1;
      if (waiting > mostWaiting)
        return connection.close('too_many_messages', `${mostWaiting} messages wait already.`);
      last = last
        .then(() => take(data.toString('utf8')))
        .finally(() => {
          waiting -= 1;
        });
    });
  };
  app.route({
    method: 'GET',
    url: '/ws',
    exposeHeadRoute: false,
    handler: async (_, reply) => {
      void reply.header('upgrade', 'websocket');
      throw new PartituraError('UPGRADE_REQUIRED', 'This is a WebSocket.');
    },
    wsHandler: accept,
  });
};
