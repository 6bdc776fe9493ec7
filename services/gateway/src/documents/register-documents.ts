import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { isOperationName } from '@partitura/shared/http';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { asyncApiDocument } from './async-api.ts';
import { type OpenApiDocument, openApiDocument } from './open-api.ts';
import type { StreamedRoute } from './open-api-streams.ts';

/** What a route of ours says of itself beside its schemas. */
type Described = FastifySchema & {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
};

/**
 * What there is, for programs (`/api/openapi.json`, `/api/asyncapi.json`) and people (`/api/docs`, without anything from elsewhere). Has
 * to be registered before the routes.
 */
export const registerDocuments = async (
  app: FastifyInstance,
  { version, prefix }: { readonly version: string; readonly prefix: string },
): Promise<void> => {
  const streams: StreamedRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    const described = schema as Described | undefined;
    if (method === 'HEAD' || !described?.operationId || isOperationName(described.operationId)) return;
    const { operationId, summary = '', description, tags = [], params, querystring: query, body } = described;
    streams.push({
      method: String(method),
      path: url,
      operationId,
      summary,
      description,
      tags,
      params,
      query,
      body,
    });
  });
  const openApi = once(() => openApiDocument({ version, prefix, streams }));
  const asyncApi = once(() => asyncApiDocument(version));

  app.get('/api/openapi.json', async () => openApi());
  app.get('/api/asyncapi.json', async () => asyncApi());
  // The page's plugin takes the document from this one, and wants one at the start; what it shows is made when it is asked for.
  await app.register(swagger, { mode: 'static', specification: { document: beforeThereAreRoutes } });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    uiConfig: { deepLinking: true, docExpansion: 'none', filter: true },
    theme: { title: 'Partitura' },
    transformSpecificationClone: false,
    transformSpecification: () => ({ ...openApi() }),
  });
};

const beforeThereAreRoutes = { openapi: '3.1.0', info: { title: '', version: '' }, paths: {} } as const;

/** Routes are known when the first one asks. */
const once = (make: () => OpenApiDocument): (() => OpenApiDocument) => {
  let made: OpenApiDocument | null = null;
  return () => {
    made ??= make();
    return made;
  };
};
