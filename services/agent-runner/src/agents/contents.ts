import type { BlobStore } from '@partitura/shared/blobs';
import type { BlobReference } from '@partitura/shared/events';

/** Keeps a text as a blob and answers what an event carries of it. */
export const keep = async (
  blobs: BlobStore,
  content: string,
  contentType = 'text/plain; charset=utf-8',
): Promise<BlobReference> => ({
  hash: await blobs.put(content),
  size: Buffer.byteLength(content),
  preview: content.slice(0, 200).toWellFormed(),
  contentType,
});

/** As `keep`; what a list shows of it is the end, where programs say what went wrong. */
export const keepOutput = async (blobs: BlobStore, output: string): Promise<BlobReference> => ({
  ...(await keep(blobs, output)),
  preview: output.trimEnd().slice(-200).toWellFormed(),
});

export const keepJson = (blobs: BlobStore, value: unknown): Promise<BlobReference> =>
  keep(blobs, JSON.stringify(value) ?? 'null', 'application/json');

export const readText = async (blobs: BlobStore, reference: BlobReference): Promise<string> =>
  new TextDecoder().decode(await blobs.get(reference.hash));

export const readJson = async (blobs: BlobStore, reference: BlobReference): Promise<unknown> =>
  JSON.parse(await readText(blobs, reference));
