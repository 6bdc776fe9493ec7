import { canonicalJson, sha256 } from '@partitura/shared/canonical';
import { type OpenApiDocument, openApiDocument } from './open-api.ts';

/** What is said of things, and not what they are. */
const words: ReadonlySet<string> = new Set(['description', 'summary', 'example', 'examples', 'tags']);

/** Their fields may be called anything: a name among them is no word. */
const named: ReadonlySet<string> = new Set(['properties', 'schemas', 'paths', 'responses']);

const withoutWords = (value: unknown, isNamed = false): unknown => {
  if (Array.isArray(value)) return value.map((one) => withoutWords(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNamed || !words.has(key))
      .map(([key, one]) => [key, withoutWords(one, !isNamed && named.has(key))]),
  );
};

interface Described {
  readonly operationId: string;
  readonly parameters: readonly { readonly in?: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
export type ClientPaths = Readonly<Record<string, Readonly<Record<string, Described>>>>;

export interface ClientDocument extends OpenApiDocument {
  readonly paths: ClientPaths;
}

/** Refusals are problems, the same for all, and headers are the client's own business. */
const essential = ({ operationId, parameters, requestBody, responses }: Described): Described => ({
  operationId,
  parameters: parameters.filter(({ in: place }) => place !== undefined),
  ...(requestBody === undefined ? {} : { requestBody }),
  responses: Object.fromEntries(
    Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .map(([status, { content = {} }]) => [status, { description: '', content }]),
  ),
});

/** Of the OpenAPI document what a client's types follow from: a sentence that is put better changes none of it. */
export const clientDocument = (): ClientDocument => {
  const { openapi, paths, components } = openApiDocument({ version: '0', prefix: '/api/v1', streams: [] });
  const essentials = Object.entries(withoutWords({ paths }) as { paths: ClientPaths }).flatMap(([, all]) =>
    Object.entries(all).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, essential(one)])),
    ]),
  );
  const { schemas } = withoutWords(components) as { readonly schemas: unknown };
  return {
    openapi,
    info: { title: 'Partitura', version: '0' },
    paths: Object.fromEntries(essentials),
    components: { schemas },
  };
};

/** By which a generated client says what it was generated from. */
export const fingerprintOf = (document: ClientDocument): string => sha256(canonicalJson(document));

/** What a client has to know of an operation. */
export interface ClientCall {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: string;
  /** Media types; none for no body, or no answer. */
  readonly takes: readonly string[];
  readonly answers: readonly string[];
  readonly params: boolean;
  readonly query: boolean;
}

const typesIn = (content: unknown): readonly string[] =>
  typeof content === 'object' && content !== null ? Object.keys(Reflect.get(content, 'content') ?? {}) : [];

export const callsOf = ({ paths }: ClientDocument): readonly ClientCall[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map((one) => [path, ...one] as const))
    .map(([path, method, { operationId, parameters, requestBody, responses }]) => {
      const [[status, answer] = ['200', {}]] = Object.entries(responses);
      const has = (place: string): boolean => parameters.some((one) => one.in === place);
      return {
        name: operationId,
        method,
        path,
        status,
        takes: typesIn(requestBody),
        answers: typesIn(answer),
        params: has('path'),
        query: has('query'),
      };
    });
