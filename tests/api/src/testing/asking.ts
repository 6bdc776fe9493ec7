export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  /** Null where the answer is not JSON. */
  readonly json: unknown;
  readonly text: string;
}

export interface Asked {
  readonly key?: string | undefined;
  readonly organization?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than any answer may take, those that wait for a read model included. */
const patienceMs = 20_000;

const headersOf = ({ key, organization, body, headers }: Asked): Record<string, string> => ({
  ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  ...(organization === undefined ? {} : { 'partitura-organization': organization }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...headers,
});

const textOf = async (response: Response): Promise<string> => {
  // Such an answer has no end: that it began is what there is to know.
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text();
  await response.body?.cancel();
  return '';
};

/**
 * Asks a server as any program would: whole paths, nothing of the client's own checks.
 * @throws {DOMException} when there is no answer in 20 s
 */
export const asking =
  (url: string) =>
  async (method: string, path: string, asked: Asked = {}): Promise<Answer> => {
    const sent = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    const response = await fetch(`${url}${path}`, {
      method: method.toUpperCase(),
      headers: headersOf(asked),
      signal: AbortSignal.timeout(patienceMs),
      ...(sent === undefined ? {} : { body: sent }),
    });
    const type = response.headers.get('content-type') ?? '';
    const text = await textOf(response);
    const json: unknown = /[/+]json\b/.test(type) && text !== '' ? JSON.parse(text) : null;
    return { status: response.status, type, headers: response.headers, json, text };
  };

export type Ask = ReturnType<typeof asking>;

export const codeIn = ({ json }: Answer): unknown => Reflect.get(Object(json), 'code');

/** @throws {Error} with the whole answer, when it is not a string */
export const fieldIn = (answer: Answer, name: string): string => {
  const value: unknown = Reflect.get(Object(answer.json), name);
  if (typeof value === 'string') return value;
  throw new Error(`There is no ${name} in ${answer.status} ${answer.text.slice(0, 1_000)}`);
};

export const itemsIn = (answer: Answer): readonly Readonly<Record<string, unknown>>[] => {
  const items: unknown = Reflect.get(Object(answer.json), 'items');
  if (Array.isArray(items)) return items;
  throw new Error(`There are no items in ${answer.status} ${answer.text.slice(0, 1_000)}`);
};

/** Without the ids and what is of this request alone. */
export const bare = ({ status, json }: Answer, ids: readonly string[]): unknown => {
  const { instance, ...said } = Object(json);
  let text = JSON.stringify({ status, said });
  for (const id of ids) text = text.replaceAll(id, '…');
  return JSON.parse(text);
};
