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

  const write = async (text: string): Promise<void> => {
    if (!signal.aborted && !raw.write(text)) await room();
  };

  const stop = (): void => close('server_stopping', 'Connect again with Last-Event-ID.');
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  signal.addEventListener('abort', () => stopping.removeEventListener('abort', stop), { once: true });
  void beat(clock, heartbeatMs, signal, () => {
    // A client that is behind shows that it is there by taking what it has to take.
    if (!raw.writableNeedDrain) raw.write(': heartbeat\n\n');
  });

  return { signal, send: (message) => write(format(message)), close };
};

const answered = (reply: FastifyReply): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined));

const beat = async (clock: Clock, ms: number, signal: AbortSignal, tick: () => void): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(ms, signal).catch(() => undefined);
    if (!signal.aborted) tick();
  }
};

const format = ({ id, event, data }: Message): string =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
