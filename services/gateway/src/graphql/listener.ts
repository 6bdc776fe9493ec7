import type { Clock, Logger } from '@partitura/shared/runtime';

/** What is used of a WebSocket of `ws`. */
interface Socket {
  readonly bufferedAmount: number;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'close', listener: () => void): unknown;
}

export interface ListenerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly slowClientMs: number;
  readonly requestId: string;
}

/** Bytes that may wait for a client. */
const mostWaiting = 1_000_000;
const lookAgainMs = 50;

/** Somebody who listens to subscriptions: as patient as with other streams, and no more. */
export const listener = (socket: Socket, options: ListenerOptions) => {
  const { clock, logger, stopping, slowClientMs, requestId } = options;
  const gone = new AbortController();
  const { signal } = gone;
  socket.on('close', () => gone.abort());
  const end = (code: number, reason: string): void => {
    socket.close(code, reason);
    gone.abort();
  };
  const stop = (): void => end(1012, 'server_stopping');
  stopping.addEventListener('abort', stop, { once: true });
  signal.addEventListener('abort', () => stopping.removeEventListener('abort', stop), { once: true });

  /** The GraphQL server does not wait for its socket; so what it is given next waits here. */
  const room = async (): Promise<void> => {
    const until = clock.now() + slowClientMs;
    while (socket.bufferedAmount > mostWaiting && !signal.aborted) {
      if (clock.now() >= until) {
        logger.warn({ requestId }, 'a client took its events too slowly and was dropped');
        end(4_008, 'slow_client');
        socket.terminate();
        return;
      }
      await clock.sleep(lookAgainMs, signal).catch(() => undefined);
    }
  };
  return { signal, room, end };
};
