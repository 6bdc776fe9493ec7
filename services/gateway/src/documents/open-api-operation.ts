import { examples, type Operation } from '@partitura/shared/http';
import { z } from 'zod';
import { plainer, type SchemaCollection } from './json-schemas.ts';
import { problemReferences } from './problem-answers.ts';

/** Whether an answer has a revision, and so an ETag. */
const hasRevision = ({ result }: Operation): boolean =>
  result instanceof z.ZodObject && 'revision' in result.shape;

const exampleOf = (name: string): Readonly<Record<string, unknown>> => {
  const example: unknown = Reflect.get(examples, name);
  return typeof example === 'object' && example !== null ? Object.fromEntries(Object.entries(example)) : {};
};

/** One operation of the table. */
export const openApiOperation = (
  name: string,
  operation: Operation,
  scope: string,
  schemas: SchemaCollection,
) => {
  const { path, method, summary, body } = operation;
  const command = method !== 'GET';
  const example = exampleOf(name);
  return {
    operationId: name,
    summary,
    description: describe(operation, scope),
    tags: [path.split('/')[1] ?? ''],
    parameters: [
      ...parametersOf(operation.params, 'path', example.params),
      ...parametersOf(operation.query, 'query', example.query),
      ...headersOf(operation),
    ],
    ...(body ? { requestBody: requestBody(operation, body, example.body, schemas) } : {}),
    responses: {
      [operation.status]: success(operation, example.result, schemas),
      ...(hasRevision(operation) && !command ? { 304: { description: 'It is as If-None-Match says.' } } : {}),
      ...problemReferences({ command, named: path.includes(':'), body: body !== null }),
    },
  };
};

const describe = ({ description, role, method, secretAnswer, owner }: Operation, scope: string): string =>
  [
    description,
    `Needs the role \`${role}\`, and of a key that has scopes \`${scope}\`. Answered by the ${owner}.`,
    method === 'GET' ? null : 'A command: safe to send again with the same `Idempotency-Key`.',
    secretAnswer ? 'The `secret` is in the first answer alone; a repeat has null there.' : null,
  ]
    .filter((part) => part !== null && part !== undefined)
    .join('\n\n');

const headersOf = (operation: Operation) => {
  const names =
    operation.method === 'GET'
      ? ['Organization', ...(hasRevision(operation) ? ['IfNoneMatch'] : [])]
      : ['Organization', 'IdempotencyKey', ...(operation.path.includes(':') ? ['IfMatch'] : [])];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
};

const afterwards =
  'A position that a command answered: the read model has come at least there, or the answer is 503.';

/** Each field of a flat schema, as a parameter. */
export const parametersOf = (schema: z.ZodType, place: 'path' | 'query', example: unknown) => {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const {
      $schema,
      default: _,
      ...json
    } = z.toJSONSchema(field, { io: 'output', unrepresentable: 'any', override: plainer });
    const standard = field.safeParse(undefined);
    const given: unknown =
      typeof example === 'object' && example !== null ? Reflect.get(example, name) : undefined;
    return {
      name,
      in: place,
      required: place === 'path' || !standard.success,
      ...(name === 'after' && field.description === undefined ? { description: afterwards } : {}),
      schema: { ...json, ...(standard.data === undefined ? {} : { default: standard.data }) },
      ...(given === undefined ? {} : { example: given }),
    };
  });
};

const requestBody = ({ takes }: Operation, body: z.ZodType, example: unknown, schemas: SchemaCollection) => ({
  // A command whose fields are all optional needs no body.
  required: !body.safeParse({}).success,
  content: takes ? bytesOf(takes) : jsonOf(schemas.of(body, 'input'), example),
});

const jsonOf = (schema: unknown, example: unknown) => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});

const bytesOf = (types: readonly string[]) =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));

const success = (operation: Operation, example: unknown, schemas: SchemaCollection) => ({
  description: operation.summary,
  headers: {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(hasRevision(operation) && operation.method === 'GET'
      ? { ETag: { $ref: '#/components/headers/ETag' } }
      : {}),
  },
  content: operation.answers
    ? bytesOf(operation.answers)
    : jsonOf(schemas.of(operation.result, 'output'), example),
});
