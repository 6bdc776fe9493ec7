import { Readable } from 'node:stream';
import type { ByteAnswer, Bytes } from '@partitura/shared/http';
import { type Logger, PartituraError } from '@partitura/shared/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { knownError } from '../errors.ts';

export interface ByteAnswering {
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/**
 * Sends bytes as fast as the client takes them. It going away ends the reading; what fails in the middle, or a server that stops, breaks
 * the connection off, so that nobody takes a part for the whole.
 */
export const sendBytes = (
  request: FastifyRequest,
  reply: FastifyReply,
  { contentType, headers = {}, bytes }: ByteAnswer,
  answering: ByteAnswering,
): FastifyReply => {
  void reply.headers(headers).type(contentType).header('cache-control', 'no-store');
  if (request.method === 'HEAD') return reply.send();
  const body = Readable.from(watched(bytes, request, answering), { objectMode: false });
  const stop = (): void => {
    body.destroy(new PartituraError('SERVER_STOPPING', 'The server stops. Ask again.'));
  };
  if (answering.stopping.aborted) stop();
  answering.stopping.addEventListener('abort', stop, { once: true });
  body.once('close', () => answering.stopping.removeEventListener('abort', stop));
  return reply.send(body);
};

/** A connection that was broken off says nothing of why; the log does. */
async function* watched(
  bytes: Bytes,
  { id, url }: FastifyRequest,
  { logger, stopping }: ByteAnswering,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!stopping.aborted && knownError(error) === null)
      logger.error({ error, requestId: id, url }, 'an answer broke off');
    throw error;
  }
}
