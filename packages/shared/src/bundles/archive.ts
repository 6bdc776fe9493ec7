import { once } from 'node:events';
import { Readable } from 'node:stream';
import { extract, type Pack, pack } from 'tar-stream';
import type { Bytes } from '../http/bytes.ts';

export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  readonly bytes: Bytes;
}

/** The same for every entry, so that the same content is the same archive, byte for byte. */
const headerOf = ({ name, size }: Pick<ArchiveEntry, 'name' | 'size'>) => ({
  name,
  size,
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: '',
  gname: '',
  mtime: new Date(0),
  type: 'file' as const,
});

/** One after the other, each when the one before has been taken. */
export async function* archiveBytes(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const packing = packAll(archive, entries).catch((error: unknown) => {
    archive.destroy(Error.isError(error) ? error : new Error(String(error)));
    throw error;
  });
  // Reported by the archive first, and by `packing` at its end.
  packing.catch(() => undefined);
  for await (const chunk of archive) yield chunk as Uint8Array;
  await packing;
}

const packAll = async (archive: Pack, entries: AsyncIterable<ArchiveEntry>): Promise<void> => {
  for await (const entry of entries) await packEntry(archive, entry);
  archive.finalize();
};

const packEntry = async (archive: Pack, entry: ArchiveEntry): Promise<void> => {
  const done = Promise.withResolvers<void>();
  const sink = archive.entry(headerOf(entry), (error) => (error ? done.reject(error) : done.resolve()));
  // An archive that is given up takes its entry along.
  sink.on('error', done.reject);
  done.promise.catch(() => undefined);
  for await (const chunk of entry.bytes)
    if (!sink.write(Buffer.from(chunk))) await Promise.race([once(sink, 'drain'), done.promise]);
  sink.end(undefined);
  await done.promise;
};

/**
 * Entries as they come; each has to be read to its end before the next.
 * @throws for what is no archive, or ends in the middle
 */
export async function* archiveEntries(bytes: Bytes): AsyncGenerator<ArchiveEntry> {
  const reading = extract();
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => reading.destroy(error));
  source.pipe(reading);
  try {
    for await (const entry of reading) {
      const { name, size = 0 } = entry.header;
      if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${name} has an impossible size`);
      yield { name, size, bytes: entry as Bytes };
    }
  } finally {
    source.destroy();
  }
}

export const textEntry = (name: string, text: string): ArchiveEntry => {
  const bytes = Buffer.from(text, 'utf8');
  return {
    name,
    size: bytes.length,
    bytes: (async function* () {
      yield bytes;
    })(),
  };
};
