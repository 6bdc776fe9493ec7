import { createServer, type RequestListener, type Server } from 'node:http';
import { PartituraError } from '../../runtime/index.ts';

export interface EarlyServer {
  readonly url: string;
  /** For fastify's `serverFactory`. */
  readonly takeOver: (handler: RequestListener) => Server;
  /**
   * From now on whoever took over answers. Called once it is ready: fastify throws at a request that comes while its plugins are
   * still being loaded, and the process dies of it.
   */
  readonly open: () => void;
  /** Takes no new connection, and waits for the requests that are at work. */
  close(): Promise<void>;
}

const sweepMs = 50;

/**
 * A server that listens before there is anything to serve: whoever watches a process that waits for its engines sees that it
 * is alive and not ready, instead of a refused connection.
 * @throws {PartituraError} `PORT_TAKEN`, `PORT_NOT_ALLOWED`, `HOST_NOT_AVAILABLE`
 */
export const earlyServer = async (host: string, port: number): Promise<EarlyServer> => {
  let listener: RequestListener = whileStarting;
  let next = listener;
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw listenError(error, host, port);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    takeOver: (handler) => {
      next = handler;
      return server;
    },
    open: () => {
      listener = next;
    },
    close: () =>
      new Promise((resolve) => {
        // A connection whose request ends only now would be kept for a next one.
        const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
        server.close(() => {
          clearInterval(sweep);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

const starting = 'It is starting: what it waits for stands in its log.';

const whileStarting: RequestListener = (request, response) => {
  const answer = (status: number, type: string, body: object): void => {
    response.writeHead(status, { 'content-type': type, ...(status === 503 ? { 'retry-after': '1' } : {}) });
    response.end(JSON.stringify(body));
  };
  if (request.url === '/health/live') return answer(200, 'application/json', { status: 'ok' });
  if (request.url === '/health/ready') {
    const checks = [{ name: 'start', problem: starting }];
    return answer(503, 'application/json', { status: 'unavailable', checks });
  }
  answer(503, 'application/problem+json', {
    type: 'urn:partitura:problem:service-starting',
    title: 'Service Unavailable',
    status: 503,
    detail: starting,
    code: 'SERVICE_STARTING',
  });
};

const known: Readonly<Record<string, readonly [code: string, message: string, advice: string]>> = {
  EADDRINUSE: [
    'PORT_TAKEN',
    'is taken by another program',
    'Stop that one, or name another port with --port or PARTITURA_PORT.',
  ],
  EACCES: ['PORT_NOT_ALLOWED', 'must not be used by this user', 'Name a port above 1023.'],
  EADDRNOTAVAIL: ['HOST_NOT_AVAILABLE', 'is not an address of this machine', 'Name 127.0.0.1.'],
  ENOTFOUND: ['HOST_NOT_AVAILABLE', 'is not a name that can be found', 'Name 127.0.0.1.'],
};

/** Why a server could not listen, with a code where it is known. */
export const listenError = (error: unknown, host: string, port: number): unknown => {
  const code = typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : '';
  const explained = known[code];
  if (!explained) return error;
  const [ours, message, advice] = explained;
  return new PartituraError(ours, `${host}:${port} ${message}.`, { advice, cause: error });
};
