import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asBlobError } from './errors.ts';
import { openFileBlobStore } from './file-blob-store.ts';
import type { BlobStore } from './port.ts';
import { openSmallBlobStore } from './small-blob-store.ts';

export interface EmbeddedBlobStoreOptions {
  /** Created when it is not there. One process at a time: hold the data directory. */
  readonly directory: string;
}

/** Up to here a row in SQLite is cheaper than a file of its own; above it, the file is. In bytes. */
const smallest = 64 * 1024;

/** Small blobs in one SQLite file, large ones as files: by size, so that each is always found in the same place. */
export const openEmbeddedBlobStore = async ({ directory }: EmbeddedBlobStoreOptions): Promise<BlobStore> => {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw asBlobError(directory, error);
  });
  const large = await openFileBlobStore({ directory });
  const small = openSmallBlobStore({ path: join(directory, 'small.db') });
  return {
    put: (content) => (Buffer.byteLength(content) <= smallest ? small : large).put(content),
    get: async (hash) => (await small.find(hash)) ?? large.get(hash),
    has: async (hash) => (await small.has(hash)) || large.has(hash),
    close: async () => {
      await large.close();
      await small.close();
    },
  };
};
