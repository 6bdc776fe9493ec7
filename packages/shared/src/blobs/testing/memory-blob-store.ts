import { sha256 } from '../../canonical/index.ts';
import { blobNotFound, blobStoreClosed } from '../errors.ts';
import type { BlobStore } from '../port.ts';

/** Blobs that are gone with the test. */
export const memoryBlobStore = (): BlobStore => {
  const contents = new Map<string, Uint8Array>();
  let closed = false;
  const open = (): Map<string, Uint8Array> => {
    if (closed) throw blobStoreClosed();
    return contents;
  };
  return {
    put: async (content) => {
      const bytes = Buffer.from(content);
      const hash = sha256(bytes);
      open().set(hash, bytes);
      return hash;
    },
    get: async (hash) => {
      const content = open().get(hash);
      if (!content) throw blobNotFound(hash);
      return Buffer.from(content);
    },
    has: async (hash) => open().has(hash),
    close: async () => {
      closed = true;
    },
  };
};
