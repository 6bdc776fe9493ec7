import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkhead } from 'cockatiel';
import { sha256 } from '../canonical/index.ts';
import { directorySync } from './directory-sync.ts';
import { asBlobError, blobCorrupt, blobNotFound, blobStoreClosed, isMissing } from './errors.ts';
import type { BlobStore } from './port.ts';

export interface FileBlobStoreOptions {
  /** Created when it is not there. One process at a time: hold the data directory. */
  readonly directory: string;
}

/** Files open at once; a thousand agents may put theirs in the same moment. */
const mostWrites = 32;

/**
 * Blobs as files `aa/bb…`, named by the hash of their bytes. A file comes into being whole: written and synced beside its
 * place, then renamed, then its directory synced. What a crash left half written is swept at the next opening.
 * @throws {BlobError} `BLOB_STORE_READ_ONLY`, `BLOB_STORE_FAILED`
 */
export const openFileBlobStore = async ({ directory }: FileBlobStoreOptions): Promise<BlobStore> => {
  const incoming = join(directory, 'incoming');
  const writes = bulkhead(mostWrites, Number.POSITIVE_INFINITY);
  const sync = directorySync();
  /** Puts at work, by hash: the same content twice at once is written once, and both wait until it is durable. */
  const putting = new Map<string, Promise<string>>();
  const made = new Map<string, Promise<void>>();
  let number = 0;
  let closed = false;

  const pathOf = (hash: string): string => join(directory, hash.slice(0, 2), hash.slice(2));

  const makeDirectory = (name: string): Promise<void> => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const making = createDirectory(join(directory, name)).catch((error: unknown) => {
      made.delete(name);
      throw error;
    });
    made.set(name, making);
    return making;
  };

  const createDirectory = async (path: string): Promise<void> => {
    if ((await mkdir(path, { recursive: true })) !== undefined) await sync(directory);
  };

  const write = async (hash: string, bytes: Uint8Array): Promise<void> => {
    number += 1;
    const draft = join(incoming, `${process.pid}-${number}`);
    await makeDirectory(hash.slice(0, 2));
    await writeSynced(draft, bytes);
    await rename(draft, pathOf(hash));
  };

  const put = async (hash: string, bytes: Uint8Array): Promise<string> => {
    try {
      const there = await sizeOf(pathOf(hash));
      if (there !== bytes.length || (await contentOf(pathOf(hash), hash)) === null)
        await writes.execute(() => write(hash, bytes));
      // Also for a file that was there: whoever made it may have died before its name was on the disk.
      await sync(join(directory, hash.slice(0, 2)));
      return hash;
    } catch (error) {
      throw asBlobError(directory, error);
    }
  };

  const refuseWhenClosed = (): void => {
    if (closed) throw blobStoreClosed();
  };

  try {
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true });
  } catch (error) {
    throw asBlobError(directory, error);
  }

  return {
    put: async (content) => {
      refuseWhenClosed();
      // A copy: the caller may go on with its buffer.
      const bytes = Buffer.from(content);
      const hash = sha256(bytes);
      const atWork = putting.get(hash);
      if (atWork !== undefined) return atWork;
      const started = put(hash, bytes).finally(() => putting.delete(hash));
      putting.set(hash, started);
      return started;
    },
    get: async (hash) => {
      refuseWhenClosed();
      if (!isHash(hash)) throw blobNotFound(hash);
      try {
        const content = await contentOf(pathOf(hash), hash);
        if (content === null) throw blobCorrupt(hash);
        return content;
      } catch (error) {
        throw isMissing(error) ? blobNotFound(hash) : asBlobError(directory, error);
      }
    },
    has: async (hash) => {
      refuseWhenClosed();
      return isHash(hash) && (await sizeOf(pathOf(hash))) !== null;
    },
    close: async () => {
      closed = true;
      await Promise.allSettled(putting.values());
    },
  };
};

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** null when the bytes do not have the hash. */
const contentOf = async (path: string, hash: string): Promise<Uint8Array | null> => {
  const content = await readFile(path);
  return sha256(content) === hash ? content : null;
};

const sizeOf = async (path: string): Promise<number | null> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
};
