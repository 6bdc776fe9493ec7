import type { BlobStore } from '@partitura/shared/blobs';
import type { ArtifactResource } from '@partitura/shared/http';
import { type KeyRing, type Sealer, tokenStart } from '@partitura/shared/subject-keys';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, readingFor } from '../identity/caller.ts';
import type { OperationCaller } from '../operation-caller.ts';

const params = z.strictObject({ id: z.string().min(1).max(200) });
const query = z.strictObject({ after: z.string().optional() });

export interface ArtifactRoutes {
  readonly caller: OperationCaller;
  readonly blobs: BlobStore;
  /** By whose keys what is sealed is opened for whoever may read it. */
  readonly subjects: KeyRing;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

/** Types that a browser shows and does not run. */
const harmless = /^(text\/(plain|markdown|csv)|application\/json)\b/;

/** What an artifact says, as it was written. */
export const registerArtifactContent = (
  app: FastifyInstance,
  { caller, blobs, callerOf, subjects }: ArtifactRoutes,
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
      const { content, isOpened } = openedBy(
        subjects.sealer(context.organizationId),
        await blobs.get(artifact.id),
      );
      const type = harmless.test(artifact.contentType) ? artifact.contentType : 'application/octet-stream';
      return (
        reply
          .header('etag', `"${artifact.id}"`)
          // The id is the hash of the content: it never changes, unless what is in it can be erased.
          .header('cache-control', isOpened ? 'private, no-store' : 'private, max-age=31536000, immutable')
          .header('content-disposition', type === 'application/octet-stream' ? 'attachment' : 'inline')
          .header('content-security-policy', "default-src 'none'; sandbox")
          .type(type.startsWith('text/') && !type.includes('charset') ? `${type}; charset=utf-8` : type)
          .send(Buffer.from(content))
      );
    },
  });
};

const tokenBytes = Buffer.from(tokenStart);

/** Bytes without tokens are handed on as they are, whatever they are. */
const openedBy = (
  sealer: Sealer,
  content: Uint8Array,
): { readonly content: Uint8Array; readonly isOpened: boolean } => {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!bytes.includes(tokenBytes)) return { content, isOpened: false };
  return { content: Buffer.from(sealer.openText(bytes.toString('utf8'))), isOpened: true };
};
