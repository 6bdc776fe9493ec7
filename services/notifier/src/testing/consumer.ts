import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly id: string;
  readonly type: string;
  /** Of the event. */
  readonly eventId: string;
  readonly runId: string | null;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a consumer does with one request: a status, or anything else by itself. */
export type Behaviour = (received: Received, response: ServerResponse) => number | 'handled';

export interface Consumer {
  readonly url: string;
  /** All requests, in the order in which they came. */
  readonly received: readonly Received[];
  behave(behaviour: Behaviour): void;
  /** Resolves when so many requests have come since the beginning. */
  reached(count: number): Promise<void>;
  /** @throws when the signature is not one of this secret */
  verify(received: Received, secret: string): unknown;
  /** Refuses connections, as long as it is away. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A server like one that people write, which notes what it gets. */
export const startConsumer = async (): Promise<Consumer> => {
  const received: Received[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  let behaviour: Behaviour = () => 204;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const one = read(body, request.headers, request.url ?? '/');
      received.push(one);
      const did = behaviour(one, response);
      if (did !== 'handled') response.writeHead(did, { 'content-type': 'text/plain' }).end(`said ${did}`);
      const ready = waiting.filter(({ count }) => received.length >= count);
      waiting = waiting.filter(({ count }) => received.length < count);
      for (const { resolve } of ready) resolve();
    });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    behave: (next) => {
      behaviour = next;
    },
    reached: async (count) => {
      if (received.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
    },
    verify: ({ body, headers }, secret) =>
      new Webhook(secret).verify(body, {
        'webhook-id': String(headers['webhook-id']),
        'webhook-timestamp': String(headers['webhook-timestamp']),
        'webhook-signature': String(headers['webhook-signature']),
      }),
    leave: shut,
    comeBack: () => listen(port),
    close: shut,
  };
};

const read = (body: string, headers: IncomingHttpHeaders, path: string): Received => {
  const event: { readonly type: string; readonly id: string; readonly runid?: string } = JSON.parse(body);
  return {
    id: String(headers['webhook-id']),
    type: event.type,
    eventId: event.id,
    runId: event.runid ?? null,
    path,
    headers,
    body,
  };
};
