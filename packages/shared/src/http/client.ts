import { createFinalURL, createQuerySerializer, defaultPathSerializer } from 'openapi-fetch';
import { backoffAfter } from '../runtime/backoff.ts';
import { systemClock } from '../runtime/clock.ts';
import { PartituraError } from '../runtime/errors.ts';
import { type ByteAnswer, isByteBody } from './bytes.ts';
import type { ByteOperationName, ClientInput, ClientOperation, ClientOutput } from './client-types.ts';
import { eventFeed } from './event-feed.ts';
import { routes } from './generated/calls.ts';
import type { CloudEvent } from './resources.ts';

export interface CallOptions {
  /** The same key again gets the first answer. */
  readonly idempotencyKey?: string;
  /** Refused with `STALE_REVISION` when the resource is at another revision by now. */
  readonly ifRevision?: number;
  readonly signal?: AbortSignal;
}

export interface EventsOptions {
  readonly runId?: string;
  readonly projectId?: string;
  readonly taskId?: string;
  readonly agentId?: string;
  readonly types?: readonly string[];
  /** Exclusive. Default: what is recorded from now on. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

export interface LogLine {
  readonly position: string;
  readonly time: string;
  readonly type: string;
  readonly line: string;
}

export interface ApiClient {
  readonly baseUrl: string;
  /** @throws {PartituraError} with the code of the problem; `SERVER_NOT_REACHED` when there is no answer */
  call<Name extends ClientOperation>(
    name: Name,
    input: ClientInput<Name>,
    options?: CallOptions,
  ): Promise<ClientOutput<Name>>;
  /**
   * Of an operation that answers bytes: as they come, none kept. Whoever stops taking them ends the answer; one that breaks off throws.
   * @throws {PartituraError} as `call`
   */
  download<Name extends ByteOperationName>(
    name: Name,
    input: ClientInput<Name>,
    options?: CallOptions,
  ): Promise<ByteAnswer>;
  /**
   * Events as they are recorded, each once and in order. A connection that breaks is made again and goes on after the last event;
   * it gives up when the server cannot be reached `reconnects` times in a row.
   */
  events(options: EventsOptions): AsyncIterable<CloudEvent>;
  /** What an agent does, line by line, until it is done; also what its model says meanwhile, where the server has it. */
  agentLog(
    agentId: string,
    options?: { readonly follow?: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<LogLine | { readonly text: string }>;
}

export interface ApiClientOptions {
  /** `http://127.0.0.1:4600` */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** For whoever owns the installation: the organisation to act for. */
  readonly organizationId?: string;
  readonly fetch?: typeof fetch;
  /** How often in a row a broken event stream is opened again without an event in between. Default 10. */
  readonly reconnects?: number;
  /** Waits between two of them. Default: a timer, 100 ms and twice as long each time, 5 s at the most. */
  readonly wait?: (failures: number, signal?: AbortSignal) => Promise<void>;
}

const apiPath = '/api/v1';
const json = 'application/json';

/** The API as functions, typed from its OpenAPI document. */
export const apiClient = (options: ApiClientOptions): ApiClient => {
  const { apiKey, organizationId, reconnects = 10, wait = waitLonger } = options;
  const doFetch = options.fetch ?? fetch;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const own = {
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(organizationId === undefined ? {} : { 'partitura-organization': organizationId }),
  };

  const request = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = { ...own, ...init.headers };
    const response = await doFetch(url, { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new PartituraError('SERVER_NOT_REACHED', `${baseUrl} does not answer.`, {
        advice: 'Start it with: partitura up',
        cause: error,
      });
    });
    if (response.ok) return response;
    throw await problemFrom(response);
  };

  const feed = (path: string, query: Query, signal?: AbortSignal) =>
    eventFeed({
      open: (lastId) => {
        const headers = {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        };
        const url = `${baseUrl}${apiPath}${path}${queryText(query)}`;
        return request(url, signal ? { headers, signal } : { headers });
      },
      reconnects,
      wait,
      signal,
    });

  const send = (name: ClientOperation, given: unknown, callOptions: CallOptions): Promise<Response> => {
    const { method, path, takesBody, answers } = routeOf(name);
    const { params = {}, query = {}, body } = given as Partial<Record<'params' | 'query' | 'body', Query>>;
    const url = createFinalURL(path, { baseUrl, params: { path: params, query }, ...serializers });
    return request(url, {
      method,
      ...(takesBody ? bodyOf(body) : {}),
      headers: {
        ...(answers ? { accept: answers.join(', '), 'accept-encoding': 'identity' } : {}),
        ...(takesBody ? { 'content-type': isByteBody(body) ? body.contentType : json } : {}),
        ...headersOf(callOptions),
      },
      ...(callOptions.signal ? { signal: callOptions.signal } : {}),
    });
  };

  return {
    baseUrl,
    call: async (name, input, callOptions = {}) => {
      const response = await send(name, input, callOptions);
      // The server checked what it was asked; what it answers has the shape that its document says.
      return (await response.json()) as ClientOutput<typeof name>;
    },
    download: async (name, input, callOptions = {}) => {
      const { headers, body } = await send(name, input, callOptions);
      return {
        contentType: headers.get('content-type') ?? '',
        headers: Object.fromEntries(headers),
        bytes: body ?? nothing(),
      };
    },
    events: async function* ({ types, signal, ...filters }) {
      const query = { ...filters, type: types?.join(',') };
      for await (const message of feed('/events', query, signal))
        if (message.event === 'event') yield JSON.parse(message.data) as CloudEvent;
    },
    agentLog: async function* (agentId, { follow = true, signal } = {}) {
      const path = `/agents/${encodeURIComponent(agentId)}/logs`;
      for await (const message of feed(path, { follow: String(follow) }, signal))
        if (message.event === 'line' || message.event === 'text')
          yield JSON.parse(message.data) as LogLine | { readonly text: string };
    },
  };
};

type Query = Readonly<Record<string, unknown>>;

const headersOf = ({ idempotencyKey, ifRevision }: CallOptions): Record<string, string> => ({
  ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  ...(ifRevision === undefined ? {} : { 'if-match': `"${ifRevision}"` }),
});

/** Bytes go out as they come. */
const bodyOf = (body: unknown): RequestInit =>
  isByteBody(body) ? { body: body.bytes, duplex: 'half' } : { body: JSON.stringify(body ?? {}) };

async function* nothing(): AsyncGenerator<Uint8Array> {}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly takesBody?: boolean;
  readonly answers?: readonly string[];
}

/** @throws {PartituraError} `OPERATION_NOT_GENERATED` */
const routeOf = (name: ClientOperation): Route => {
  if (Object.hasOwn(routes, name)) return routes[name];
  throw new PartituraError('OPERATION_NOT_GENERATED', `The client knows no operation "${name}".`, {
    advice: 'Where it was added to the table of operations: npm run generate',
  });
};

const serializers = { querySerializer: createQuerySerializer(), pathSerializer: defaultPathSerializer };

const queryText = (query: Query): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

const problemFrom = async (response: Response): Promise<PartituraError> => {
  const problem: unknown = await response.json().catch(() => null);
  const field = (name: string): unknown =>
    typeof problem === 'object' && problem !== null ? Reflect.get(problem, name) : undefined;
  const textOf = (name: string): string | undefined => {
    const value = field(name);
    return typeof value === 'string' ? value : undefined;
  };
  const advice = textOf('advice');
  const errors = field('errors');
  return new PartituraError(
    textOf('code') ?? 'UNEXPECTED_ANSWER',
    textOf('detail') ?? `${response.url} answered with status ${response.status}.`,
    {
      ...(advice === undefined ? {} : { advice }),
      // As the server wrote it: see `problem.ts` of the gateway.
      ...(Array.isArray(errors) ? { problems: errors as { path: string; message: string }[] } : {}),
    },
  );
};

const waitLonger = (failures: number, signal?: AbortSignal): Promise<void> =>
  systemClock.sleep(backoffAfter({ backoffMs: 100, maxBackoffMs: 5_000 }, failures), signal);
