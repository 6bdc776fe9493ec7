import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '@partitura/shared/blobs';
import type { KeptGitBundle } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';

/** Of so many bytes each: a repository may be larger than what a process has of memory. */
const partBytes = 16 * 1024 * 1024;

/** Keeps a file as blobs, where every replica finds it. The same file again is the same blobs. */
export const keepInParts = async (
  path: string,
  blobs: Pick<BlobStore, 'put'>,
  mostBytes: number = partBytes,
): Promise<KeptGitBundle> => {
  const hash = createHash('sha256');
  const parts: string[] = [];
  let size = 0;
  // A stream of a file fills its pieces but for the last one.
  for await (const piece of createReadStream(path, { highWaterMark: mostBytes })) {
    hash.update(piece);
    size += piece.length;
    parts.push(await blobs.put(piece));
  }
  return { size, sha256: hash.digest('hex'), parts };
};

/** Writes the file as it was. @throws {PartituraError} `BUNDLE_DAMAGED`, and as `BlobStore.get` */
export const writeKept = async (
  { sha256, parts }: KeptGitBundle,
  blobs: Pick<BlobStore, 'get'>,
  path: string,
): Promise<void> => {
  const hash = createHash('sha256');
  await pipeline(async function* () {
    for (const part of parts) {
      const piece = await blobs.get(part);
      hash.update(piece);
      yield piece;
    }
  }, createWriteStream(path));
  if (hash.digest('hex') !== sha256)
    throw new PartituraError('BUNDLE_DAMAGED', 'What was kept of an imported repository is damaged.', {
      advice: 'Import the bundle of the run again.',
    });
};
