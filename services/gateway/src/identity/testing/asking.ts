import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import type { Role } from '@partitura/shared/http';

export interface Answer {
  readonly status: number;
  readonly code: string | null;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export interface Asked {
  readonly key?: string;
  readonly organization?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const headersOf = ({ key, organization, body, headers }: Asked): Record<string, string> => ({
  ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  ...(organization === undefined ? {} : { 'partitura-organization': organization }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...headers,
});

/** What there is of an answer that may be a stream without an end. */
const jsonOf = async (response: Response): Promise<Answer['json']> => {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  if (isJson) return JSON.parse(await response.text());
  await response.body?.cancel();
  return {};
};

/** Asks a server as a program would, and answers with what it said. */
export const asking =
  (url: string) =>
  async (method: string, path: string, asked: Asked = {}): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: headersOf(asked),
      signal: AbortSignal.timeout(60_000),
      ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    });
    const { status, headers } = response;
    const json = await jsonOf(response);
    return { status, code: typeof json.code === 'string' ? json.code : null, json, headers };
  };

export type Ask = ReturnType<typeof asking>;

export interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

/** A key made by whoever sits at the server's machine, or shows the key it was started with. */
export const makeKey = async (
  ask: Ask,
  body: { readonly role: Role; readonly scopes?: readonly string[]; readonly expiresAt?: string },
  by: Asked = {},
): Promise<MadeKey> => {
  const { status, json } = await ask('POST', '/api-keys', {
    ...by,
    body: { name: 'A key of a test', ...body },
  });
  const { id, secret } = json;
  if (status !== 201 || typeof id !== 'string' || typeof secret !== 'string')
    throw new Error(`No key was made: ${JSON.stringify(json)}`);
  return { id, secret };
};

export const everyEvent = async (store: EventStore): Promise<readonly RecordedEvent[]> =>
  (await Array.fromAsync(store.readAll())).flatMap(({ events }) => events);
