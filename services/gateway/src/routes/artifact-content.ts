import type { BlobStore } from '@partitura/shared/blobs';
import type { ArtifactResource } from '@partitura/shared/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, readingFor } from '../identity/caller.ts';
import type { OperationCaller } from '../operation-caller.ts';

const params = z.strictObject({ id: z.string().min(1).max(200) });
const query = z.strictObject({ after: z.string().optional() });

export interface ArtifactRoutes {
  readonly caller: OperationCaller;
  readonly blobs: BlobStore;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

/** Types that a browser shows and does not run. */
const harmless = /^(text\/(plain|markdown|csv)|application\/json)\b/;

/** What an artifact says, as it was written. */
export const registerArtifactContent = (
  app: FastifyInstance,
  { caller, blobs, callerOf }: ArtifactRoutes,
): void => {
  app.route({
    method: 'GET',
    url: '/artifacts/:id/content',
    schema: {
      operationId: 'getArtifactContent',
      summary: 'What it says.',
      tags: ['artifacts'],
      params,
      querystring: query,
    },
    handler: async (request, reply) => {
      const context = readingFor(callerOf(request), request.id);
      const input = { params: request.params, query: request.query, body: null };
      // The owner answers in the shape of its operation.
      const artifact = (await caller.call('getArtifact', input, context)) as ArtifactResource;
      const content = await blobs.get(artifact.id);
      const type = harmless.test(artifact.contentType) ? artifact.contentType : 'application/octet-stream';
      return (
        reply
          .header('etag', `"${artifact.id}"`)
          // The id is the hash of the content: it never changes.
          .header('cache-control', 'private, max-age=31536000, immutable')
          .header('content-disposition', type === 'application/octet-stream' ? 'attachment' : 'inline')
          .header('content-security-policy', "default-src 'none'; sandbox")
          .type(type.startsWith('text/') && !type.includes('charset') ? `${type}; charset=utf-8` : type)
          .send(Buffer.from(content))
      );
    },
  });
};
