import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PartituraError } from '@partitura/shared/runtime';

type Bytes = AsyncIterable<Uint8Array>;

/** Sums up what passes through. */
const counting = () => {
  const seen = { bytes: 0 };
  const through = new Transform({
    transform: (piece: Buffer, _, done) => {
      seen.bytes += piece.byteLength;
      done(null, piece);
    },
  });
  return { seen, through };
};

/**
 * Writes a file that is there as a whole or not at all: under another name beside it until its last byte is on the disk. Answers how
 * many bytes that are.
 * @throws {PartituraError} `INVALID_INPUT` where no file can be written; else what breaks off. Then nothing is left, and a file of that name
 * stays as it was
 */
export const writeFileWhole = async (path: string, bytes: Bytes, signal?: AbortSignal): Promise<number> => {
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`;
  const { seen, through } = counting();
  try {
    const file = createWriteStream(draft, { flags: 'wx', flush: true });
    await pipeline(Readable.from(bytes, { objectMode: false }), through, file, signal ? { signal } : {});
    await rename(draft, path);
    return seen.bytes;
  } catch (error) {
    await rm(draft, { force: true }).catch((left: unknown) => {
      throw unwritable(path, left);
    });
    throw unwritable(path, error);
  }
};

const ofThePlace: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR', 'ENOSPC'];

/** What is said of the place by whoever chose it. */
const unwritable = (path: string, error: unknown): unknown => {
  const code: unknown = Error.isError(error) && 'code' in error ? error.code : null;
  if (!ofThePlace.includes(code)) return error;
  return new PartituraError('INVALID_INPUT', `${path} cannot be written: ${String(error)}`, { cause: error });
};

/** To whoever reads the process; it going away ends the reading. */
export const writeStdout = async (
  bytes: Bytes,
  stdout: NodeJS.WritableStream,
  signal?: AbortSignal,
): Promise<number> => {
  const { seen, through } = counting();
  await pipeline(Readable.from(bytes, { objectMode: false }), through, stdout, {
    end: false,
    ...(signal ? { signal } : {}),
  });
  return seen.bytes;
};

/** Whether there is a directory of this name, which no file can be written over. */
export const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isDirectory() ?? false;
