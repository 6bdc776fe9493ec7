import { connect, Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

export interface MortalSockets {
  readonly socketFactory: ISocketFactory;
  /** Cuts all connections, and those to come: to Kafka it looks as if the process had been killed. */
  cut(): void;
}

export const mortalSockets = (): MortalSockets => {
  const open = new Set<Socket>();
  let isCut = false;
  return {
    socketFactory: ({ host, port, onConnect }) => {
      const socket = isCut ? new Socket() : connect({ host, port }, onConnect);
      if (isCut) setImmediate(() => socket.destroy(reset()));
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    cut: () => {
      isCut = true;
      for (const socket of open) socket.destroy(reset());
    },
  };
};

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
