import type { Clock } from '@partitura/shared/runtime';
import type { ServerMessage } from './messages.ts';

/** What is used of a WebSocket of `ws`. */
export interface Socket {
  readonly OPEN: number;
  readonly readyState: number;
  send(text: string, sent: (error?: Error | null) => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close' | 'pong', listener: () => void): unknown;
}

/** One client. What is sent is only what it took: a slow one slows down nobody but itself, and not for ever. */
export interface Connection {
  /** Aborts when the client is gone, was dropped, or the server stops. */
  readonly signal: AbortSignal;
  /** Resolves when it has left this process. */
  send(message: ServerMessage): Promise<void>;
  /** The same with several, as they go over the wire, as far as they do not pile up. Ends early when the signal aborts. */
  sendTexts(texts: readonly string[], until: AbortSignal): Promise<void>;
  /** Says why, and ends. */
  close(reason: CloseReason, detail: string): void;
}

/** Codes of RFC 6455 where it has one, of our own from 4000 on. */
const codes = {
  server_stopping: 1012,
  error: 1011,
  slow_client: 4_008,
  too_many_messages: 4_029,
  not_allowed: 4_003,
  gone: 4_000,
} as const;
export type CloseReason = keyof typeof codes;

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly stopping: AbortSignal;
  readonly heartbeatMs: number;
  /** How long a client may take nothing. */
  readonly slowMs: number;
  readonly onSlow: () => void;
}

/** Characters that wait for a client at the most, but for one message: a timer for each event cost more than the event. */
const mostTogether = 64 * 1024;

export const openConnection = (socket: Socket, options: ConnectionOptions): Connection => {
  const { clock, stopping, heartbeatMs, slowMs, onSlow } = options;
  const gone = new AbortController();
  const signal = gone.signal;
  let answered = true;
  socket.on('close', () => gone.abort());
  socket.on('pong', () => {
    answered = true;
  });

  const close = (reason: CloseReason, detail: string): void => {
    if (signal.aborted) return;
    const message: ServerMessage = { type: 'closing', reason, detail };
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message), () => undefined);
    socket.close(codes[reason], reason);
    gone.abort();
  };

  const drop = (): void => {
    onSlow();
    close(
      'slow_client',
      `Nothing was taken for ${slowMs} ms. Connect again and join after the last position.`,
    );
    socket.terminate();
  };

  /** The callback comes when the system took it: what a client does not read stands in one place of ours, and not for long. */
  const sendTogether = async (texts: readonly string[]): Promise<void> => {
    if (signal.aborted || texts.length === 0) return;
    const { promise: sent, resolve } = Promise.withResolvers<boolean>();
    // What was given to the system last was taken last.
    for (const [index, text] of texts.entries())
      socket.send(text, index === texts.length - 1 ? () => resolve(true) : () => undefined);
    const waited = new AbortController();
    const either = AbortSignal.any([signal, waited.signal]);
    const late = clock.sleep(slowMs, either).then(
      () => false,
      () => true,
    );
    const inTime = await Promise.race([sent, late]);
    waited.abort();
    if (!inTime && !signal.aborted) drop();
  };

  const sendTexts: Connection['sendTexts'] = async (texts, until) => {
    let together: string[] = [];
    let length = 0;
    for (const text of texts) {
      together.push(text);
      length += text.length;
      if (length < mostTogether) continue;
      if (until.aborted) return;
      await sendTogether(together);
      together = [];
      length = 0;
    }
    if (!until.aborted) await sendTogether(together);
  };

  const stop = (): void => close('server_stopping', 'Connect again and join after the last position.');
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  signal.addEventListener('abort', () => stopping.removeEventListener('abort', stop), { once: true });
  void beat(clock, heartbeatMs, signal, () => {
    // A whole heartbeat without an answer: the other end is not there any more.
    if (!answered) {
      close('gone', 'No answer to a ping.');
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  });

  const send: Connection['send'] = (message) => sendTogether([JSON.stringify(message)]);
  return { signal, send, sendTexts, close };
};

const beat = async (clock: Clock, ms: number, signal: AbortSignal, tick: () => void): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(ms, signal).catch(() => undefined);
    if (!signal.aborted) tick();
  }
};
