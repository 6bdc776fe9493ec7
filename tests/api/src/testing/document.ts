import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { Ask } from './asking.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Content {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
}
const parameter = z.looseObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().exactOptional(),
  schema: z.record(z.string(), z.unknown()),
  example: z.unknown().exactOptional(),
});
export type Parameter = z.infer<typeof parameter>;
interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Content>>;
}

/** One route, as the document describes it. */
export interface Route {
  readonly operationId: string;
  /** In lower case, as documents have it. */
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Content | null;
  readonly responses: Readonly<Record<string, Response>>;
  /** Answers something else than one JSON document. */
  readonly streams: boolean;
  /** Of the least role that may call it. */
  readonly role: string;
}

export interface ApiDocument {
  readonly routes: readonly Route[];
  /** The schema that a `$ref` names. */
  readonly resolve: (reference: string) => JsonSchema;
  /** What is wrong with an answer of this status, in words; null when it is as described. */
  readonly faultsIn: (route: Route, status: number, json: unknown) => string | null;
  /** What is wrong with a problem, in words. */
  readonly problemFaults: (json: unknown) => string | null;
}

const at = (value: unknown, key: string): unknown => Reflect.get(Object(value), key);

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
}

/** The first status of success that is described. */
export const successOf = ({ responses }: Route): number =>
  Number(Object.keys(responses).find((status) => status.startsWith('2')));

const json = 'application/json';

export const readDocument = async (ask: Ask, key?: string): Promise<ApiDocument> => {
  const { json: document } = await ask('GET', '/api/openapi.json', { key });
  const resolve = (reference: string): JsonSchema =>
    reference.replace(/^#\//, '').split('/').reduce(at, document) as JsonSchema;

  const routeOf = (path: string, method: string, operation: Operation): Route => {
    const { operationId, requestBody, responses, description } = operation;
    const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
    return {
      operationId,
      method,
      path,
      parameters: operation.parameters.map((one) =>
        parameter.parse('$ref' in one && typeof one.$ref === 'string' ? resolve(one.$ref) : one),
      ),
      body: requestBody?.content[json] ?? null,
      responses,
      streams: success?.content?.[json] === undefined,
      role: /Needs the role `(\w+)`/.exec(description)?.[1] ?? 'viewer',
    };
  };

  const paths = Object.entries(Object(at(document, 'paths')) as Record<string, Record<string, Operation>>);
  const routes = paths.flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => routeOf(path, method, operation)),
  );

  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ ...Object(document), $id: 'document' });
  const compiled = new Map<string, ValidateFunction>();
  const faults = (schema: JsonSchema, value: unknown): string | null => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };

  return {
    routes,
    resolve,
    problemFaults: (value) => faults({ $ref: '#/components/schemas/Problem' }, value),
    faultsIn: ({ responses }, status, value) => {
      const described = responses[status];
      if (!described) return `The status ${status} is not described.`;
      const response: Response = described.$ref ? (resolve(described.$ref) as Response) : described;
      const schema = (response.content?.[json] ?? response.content?.['application/problem+json'])?.schema;
      return schema === undefined ? null : faults(schema, value);
    },
  };
};
