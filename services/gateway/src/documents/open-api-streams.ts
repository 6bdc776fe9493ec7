import { z } from 'zod';
import type { SchemaCollection } from './json-schemas.ts';
import { parametersOf } from './open-api-operation.ts';
import { problemReferences } from './problem-answers.ts';

/** A route that answers something else than one JSON document, as it was registered. */
export interface StreamedRoute {
  readonly method: string;
  /** In fastify's notation. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

interface StreamedAnswer {
  readonly status: number;
  readonly type: string;
  readonly description: string;
  readonly example?: string;
}

const feed = (example: string): StreamedAnswer => ({
  status: 200,
  type: 'text/event-stream',
  description:
    'Server-sent events. `id` is the position: come again with it in Last-Event-ID. A comment is sent when nothing else is; `closed` says why the stream ends.',
  example,
});

const answers: Readonly<Record<string, StreamedAnswer>> = {
  followEvents: feed(
    'id: 0000000000000976\nevent: open\ndata: {"position":"0000000000000976"}\n\nid: 0000000000000977\nevent: event\ndata: {"specversion":"1.0","type":"run.paused"}\n\n',
  ),
  followAgentLogs: feed(
    'id: 0000000000000977\nevent: line\ndata: {"position":"0000000000000977","type":"tool.called","line":"write_file src/a.ts"}\n\n',
  ),
  getArtifactContent: {
    status: 200,
    type: 'application/octet-stream',
    description: 'As it was written. Text and JSON come with their own media type.',
  },
};

/** What the table does not have: feeds, files, and what other systems send. */
export const streamedOperation = (route: StreamedRoute, schemas: SchemaCollection) => {
  const { operationId, summary, description, tags, method, params, query, body } = route;
  const answer = answers[operationId] ?? { status: 200, type: 'application/json', description: summary };
  return {
    operationId,
    summary,
    description: description ?? summary,
    tags: [...tags],
    parameters: [
      ...(params instanceof z.ZodType ? parametersOf(params, 'path', undefined) : []),
      ...(query instanceof z.ZodType ? parametersOf(query, 'query', undefined) : []),
      ...(operationId.startsWith('follow') ? [lastEventId] : []),
      ...(method === 'GET' ? [{ $ref: '#/components/parameters/Organization' }] : []),
    ],
    ...(body instanceof z.ZodType
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.of(body, 'input') } },
          },
        }
      : {}),
    responses: {
      [answer.status]: {
        description: answer.description,
        headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
        content: {
          [answer.type]: {
            schema: answer.type === 'application/json' ? {} : { type: 'string' },
            ...(answer.example === undefined ? {} : { example: answer.example }),
          },
        },
      },
      ...problemReferences({
        command: method !== 'GET',
        named: route.path.includes(':'),
        body: body !== undefined,
      }),
    },
  };
};

const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The last position that was seen; it goes before `after`.',
  schema: { type: 'string' },
};
