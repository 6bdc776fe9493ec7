import type { BlobStore } from '@partitura/shared/blobs';
import type { BlobReference } from '@partitura/shared/events';
import type { z } from 'zod';

const previewLength = 200;

/** Stores a document as JSON. Durable when it resolves. */
export const storeDocument = async (
  blobs: BlobStore,
  document: unknown,
  preview: string,
): Promise<BlobReference> => {
  const content = JSON.stringify(document);
  const hash = await blobs.put(content);
  return {
    hash,
    size: Buffer.byteLength(content),
    preview: preview.slice(0, previewLength).toWellFormed(),
    contentType: 'application/json',
  };
};

/** @throws {BlobError} */
export const readText = async (blobs: BlobStore, { hash }: Pick<BlobReference, 'hash'>): Promise<string> =>
  new TextDecoder().decode(await blobs.get(hash));

/** @throws {BlobError} @throws {z.ZodError} on a document of another shape */
export const readDocument = async <Document>(
  blobs: BlobStore,
  reference: Pick<BlobReference, 'hash'>,
  schema: z.ZodType<Document>,
): Promise<Document> => schema.parse(JSON.parse(await readText(blobs, reference)));
