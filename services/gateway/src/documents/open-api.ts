import { type Operation, operations } from '@partitura/shared/http';
import { needOf } from '../identity/authorize.ts';
import { scopeName } from '../identity/scopes.ts';
import { type SchemaCollection, schemaCollection } from './json-schemas.ts';
import { openApiOperation } from './open-api-operation.ts';
import { type StreamedRoute, streamedOperation } from './open-api-streams.ts';
import { problemComponents, problemSchema } from './problem-answers.ts';

export interface OpenApiOptions {
  /** Of the program. */
  readonly version: string;
  /** `/api/v1` */
  readonly prefix: string;
  /** Routes that stand beside the table of operations. */
  readonly streams: readonly StreamedRoute[];
}

export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1 of the table of operations: the very schemas that requests are checked with. */
export const openApiDocument = ({ version, prefix, streams }: OpenApiOptions): OpenApiDocument => {
  const schemas = schemaCollection('#/components/schemas');
  const table = Object.entries(operations) as [string, Operation][];
  const described = [
    ...table.map(([name, operation]) => ({
      method: operation.method,
      path: `${prefix}${operation.path}`,
      content: openApiOperation(name, operation, scopeName(needOf(operation).scope), schemas),
    })),
    ...streams.map((stream) => ({
      method: stream.method,
      path: stream.path,
      content: streamedOperation(stream, schemas),
    })),
  ];
  const paths = pathsOf(described);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Partitura',
      version,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server.' }],
    tags: tagsOf(described.flatMap(({ content }) => content.tags)),
    security: [{ key: [] }, { oidc: [] }, {}],
    paths,
    components: components(schemas),
  };
};

const description = `From a PRD to reviewed, tested, merged commits, with every decision in a log.

JSON in camelCase; times are ISO 8601 in UTC; ids and positions are opaque. A list answers \`items\` and \`nextCursor\`. A command answers
with the \`position\` it reached; a read with \`after\` set to it waits until it is there. Errors are \`application/problem+json\` with a stable
\`code\`. On the machine it runs on, the server asks for no key unless it was told to.

The same operations are there as a graph at \`/graphql\` (subscriptions over graphql-transport-ws), and over a WebSocket at \`/ws\`; events are
described at \`/api/asyncapi.json\`.`;

interface Described {
  readonly method: string;
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const pathsOf = (described: readonly Described[]) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, content } of described) {
    const item = path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    paths[item] = { ...paths[item], [method.toLowerCase()]: content };
  }
  return paths;
};

const tags: Readonly<Record<string, string>> = {
  agents: 'Who works: one agent for each attempt at a task.',
  analytics: 'What it costs, and how well it goes.',
  'api-keys': 'Keys of programs.',
  approvals: 'What is asked of people.',
  artifacts: 'PRDs, plans, prompts, answers and the output of tools.',
  audit: 'Who did what, and who was not allowed to.',
  'dead-letters': 'Tasks that wait for an operator.',
  events: 'The log, as it grows.',
  exports: 'Read models as files.',
  hooks: 'What other systems say.',
  knowledge: 'What agents decided and learned.',
  organizations: 'Organisations and their members.',
  projections: 'Read models and how far they have come.',
  projects: 'What is wanted, and where its repository is.',
  runs: 'A project, carried out.',
  subjects: 'People whose data can be erased.',
  tasks: 'The parts of a plan.',
  webhooks: 'Who else is told.',
  workflows: 'Ways of working.',
};

const tagsOf = (used: readonly string[]) =>
  [...new Set(used)].sort().map((name) => ({ name, ...(tags[name] ? { description: tags[name] } : {}) }));

const components = (schemas: SchemaCollection) => {
  const problem = schemas.of(problemSchema, 'output');
  return {
    schemas: { ...schemas.named(), Problem: problem },
    responses: problemComponents(),
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'An API key: `ptk_<id>_<secret>`.' },
      oidc: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'A token of the OpenID provider that the server was given.',
      },
    },
    parameters: {
      Organization: {
        name: 'Partitura-Organization',
        in: 'header',
        description: 'For which organisation, where the caller belongs to more than one.',
        schema: { type: 'string' },
      },
      IdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          'For a day the same key with the same body gets the first answer, and with another body 422. Send one with whatever may be sent twice.',
        schema: { type: 'string', minLength: 1, maxLength: 255 },
      },
      IfMatch: {
        name: 'If-Match',
        in: 'header',
        description: 'The ETag of what was read: when it is another by now, nothing is done (412).',
        schema: { type: 'string' },
        example: '"61"',
      },
      IfNoneMatch: {
        name: 'If-None-Match',
        in: 'header',
        description: 'An ETag: when it is still the same, the answer is 304 and empty.',
        schema: { type: 'string' },
      },
    },
    headers: {
      RequestId: {
        description: 'Of this request: its own `X-Request-Id`, or one that was made for it.',
        schema: { type: 'string' },
      },
      ETag: { description: 'The revision.', schema: { type: 'string' }, example: '"61"' },
    },
  };
};
