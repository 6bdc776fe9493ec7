import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Clock } from '@partitura/shared/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

/** One client that listens. What is sent is only what it took: a slow one slows down nobody but itself, and not for ever. */
export interface Channel {
  /** Aborts when the client is gone, too slow, or the server stops. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for more. */
  send(message: Message): Promise<void>;
  /** The same with several that were formatted before. */
  sendAll(messages: readonly Uint8Array[]): Promise<void>;
  /** Says why, and ends. */
  close(reason: string, detail: string): void;
}

export interface ChannelOptions {
  readonly clock: Clock;
  readonly stopping: AbortSignal;
  readonly heartbeatMs: number;
  /** How long a client may take nothing. */
  readonly slowMs: number;
  readonly onSlow: () => void;
}

/** In bytes. */
const mostTogether = 64 * 1024;

/** Takes the reply over as a stream of server-sent events. */
export const openChannel = (
  request: FastifyRequest,
  reply: FastifyReply,
  options: ChannelOptions,
): Channel => {
  const { clock, stopping, heartbeatMs, slowMs, onSlow } = options;
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  const signal = gone.signal;
  raw.on('close', () => gone.abort());
  raw.on('error', () => gone.abort());
  raw.writeHead(200, {
    // What hooks said of every answer: who may read it in a browser, how many more one may ask for.
    ...answered(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  });
  raw.write('retry: 1000\n\n');

  const close = (reason: string, detail: string): void => {
    if (signal.aborted) return;
    raw.end(format({ event: 'closed', data: { reason, detail } }));
    gone.abort();
  };

  /** Whoever takes nothing for so long is dropped; it may come again and go on from the last id it got. */
  const room = async (): Promise<void> => {
    const waited = new AbortController();
    const either = AbortSignal.any([signal, waited.signal]);
    const drained = once(raw, 'drain', { signal: either }).then(() => true);
    const late = clock.sleep(slowMs, either).then(() => false);
    const inTime = await Promise.race([drained, late]).catch(() => true);
    waited.abort();
    await Promise.allSettled([drained, late]);
    if (inTime || signal.aborted) return;
    onSlow();
    close('slow_client', `Nothing was taken for ${slowMs} ms. Connect again with Last-Event-ID.`);
    raw.destroy();
  };

  const write = async (text: string | Uint8Array): Promise<void> => {
    if (!signal.aborted && !raw.write(text)) await room();
  };

  /** Together, as far as it does not pile up: a system call for each costs more than all else that an event costs. */
  const sendAll = async (messages: readonly Uint8Array[]): Promise<void> => {
    let together: Uint8Array[] = [];
    let bytes = 0;
    for (const message of messages) {
      together.push(message);
      bytes += message.byteLength;
      if (bytes < mostTogether) continue;
      await write(Buffer.concat(together));
      together = [];
      bytes = 0;
    }
    const [only] = together;
    if (only) await write(together.length === 1 ? only : Buffer.concat(together));
  };

  const stop = (): void => close('server_stopping', 'Connect again with Last-Event-ID.');
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  signal.addEventListener('abort', () => stopping.removeEventListener('abort', stop), { once: true });
  void beat(clock, heartbeatMs, signal, () => {
    // A client that is behind shows that it is there by taking what it has to take.
    if (!raw.writableNeedDrain) raw.write(': heartbeat\n\n');
  });

  return { signal, send: (message) => write(format(message)), sendAll, close };
};

const answered = (reply: FastifyReply): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined));

const beat = async (clock: Clock, ms: number, signal: AbortSignal, tick: () => void): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(ms, signal).catch(() => undefined);
    if (!signal.aborted) tick();
  }
};

/** As it stands in the stream. */
export const format = ({ id, event, data }: Message): string =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
