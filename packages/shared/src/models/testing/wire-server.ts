import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { type AnswerName, answerSpecification, answers } from '../../prompts/answers.ts';
import type { ChatRequest } from '../port.ts';
import type { Respond, ServedAnswer, ServedError, ServedRequest } from './served.ts';

export interface WireServer {
  /** What goes into the configuration as the provider's base URL. */
  readonly url: string;
  /** Every request so far, those that were refused before anybody was asked left out. */
  readonly requests: readonly ServedRequest[];
  close(): Promise<void>;
}

export interface WireServerOptions {
  respond: Respond;
  /** Any other key is refused. Default: any key will do. */
  readonly apiKey?: string;
}

/** What a protocol knows of itself. */
export interface WireProtocol {
  /** After the server's own address, as the SDK wants its base URL. */
  readonly basePath: string;
  serves(path: string): boolean;
  keyOf(request: IncomingMessage): string | null;
  /** @throws {WireRefusal} for what the real API would refuse too */
  read(body: Readonly<Record<string, unknown>>, path: string): ChatRequest;
  writeAnswer(response: ServerResponse, served: ServedRequest, answer: ServedAnswer): void;
  writeError(response: ServerResponse, error: ServedError): void;
  /** Answers what is no chat; true when it did. */
  readonly other?: (
    response: ServerResponse,
    path: string,
    body: Readonly<Record<string, unknown>>,
  ) => boolean;
}

const bearer = /^Bearer (.+)$/;

/** The key, in the provider's own header or as a bearer token. */
export const keyIn = ({ headers }: IncomingMessage, own: string): string | null => {
  const given = headers[own];
  return typeof given === 'string' ? given : (bearer.exec(headers.authorization ?? '')?.[1] ?? null);
};

export class WireRefusal extends Error {}

const isAnswerName = (name: string): name is AnswerName => Object.hasOwn(answers, name);

/** What was asked for, from the name and the schema that were sent. */
export const answerFrom = (
  name: string,
  jsonSchema: Readonly<Record<string, unknown>>,
): NonNullable<ChatRequest['answer']> =>
  isAnswerName(name)
    ? answerSpecification(name)
    : { name, jsonSchema, schema: z.fromJSONSchema({ ...jsonSchema }) };

const readBody = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
};

/** Half of what there is to say comes before it breaks. */
export const writeStream = (
  response: ServerResponse,
  events: readonly string[],
  answer: ServedAnswer,
  overloaded: string,
): void => {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const breaks = answer.breaks ?? 'not';
  const until = breaks === 'not' ? events.length : Math.ceil(events.length / 2);
  for (const event of events.slice(0, until)) response.write(event);
  switch (breaks) {
    case 'not':
      response.end();
      return;
    case 'connection':
      // Once what was written has gone out: otherwise nothing of it would arrive.
      response.write(': \n\n', () => response.socket?.destroy());
      return;
    case 'quietly':
      response.end();
      return;
    case 'overloaded':
      response.end(overloaded);
      return;
    case 'never':
      return;
  }
};

/** A text as a model streams it, some letters at a time. */
export const piecesOf = (text: string): readonly string[] => text.match(/[\s\S]{1,12}/g) ?? [];

export const writeJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

/** A provider on this machine: real HTTP, the provider's own protocol, answers as they are told. */
export const startWireServer = async (
  protocol: WireProtocol,
  options: WireServerOptions,
): Promise<WireServer> => {
  const requests: ServedRequest[] = [];

  const answerChat = async (
    response: ServerResponse,
    incoming: IncomingMessage,
    path: string,
    body: ServedRequest['body'],
  ) => {
    const served: ServedRequest = {
      request: protocol.read(body, path),
      body,
      headers: incoming.headers,
      number: requests.length,
    };
    requests.push(served);
    const given = await options.respond(served);
    if (given.kind === 'error') protocol.writeError(response, given);
    else protocol.writeAnswer(response, served, given);
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    const body = await readBody(incoming);
    if (options.apiKey !== undefined && protocol.keyOf(incoming) !== options.apiKey) {
      protocol.writeError(response, { kind: 'error', status: 401, message: 'The API key is not valid.' });
      return;
    }
    if (protocol.other?.(response, path, body)) return;
    if (!protocol.serves(path)) {
      protocol.writeError(response, { kind: 'error', status: 404, message: `There is nothing at ${path}.` });
      return;
    }
    await answerChat(response, incoming, path, body);
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      protocol.writeError(response, {
        kind: 'error',
        status: error instanceof WireRefusal ? 400 : 500,
        message,
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${protocol.basePath}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
