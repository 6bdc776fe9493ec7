import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

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
 * @throws {Error} as the file system has it, or what breaks off; then nothing is left, and a file of that name stays as it was
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
    await rm(draft, { force: true });
    throw error;
  }
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
