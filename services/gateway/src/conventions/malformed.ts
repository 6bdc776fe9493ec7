import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PartituraError } from '@partitura/shared/runtime';
import type { ConnectionError } from 'fastify';
import { problemOf } from '../problem.ts';

const codes: Readonly<Record<string, readonly [code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are larger than this server takes.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMED_OUT', 'The request took too long to arrive.'],
};

/** What cannot be read as HTTP has no request that an answer could be made for: it is written by hand, and the connection ends. */
export const answerMalformed =
  (nextId: () => string) =>
  (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [code, message] = codes[error.code] ?? ['MALFORMED_HTTP', 'This is not HTTP.'];
    const id = nextId();
    const problem = problemOf(new PartituraError(code, message), id);
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
