import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Looks for damage in a write-ahead log. SQLite takes what follows a frame that does not fit its checksum for something that was
 * never committed, and leaves it out without a word; which is right after a crash, and wrong when a byte was changed later. The two
 * can be told apart: a frame's checksum goes on from that of the frame before it, so a frame that fits behind one that does not
 * says that both were written.
 *
 * The format: https://sqlite.org/fileformat2.html#walformat. Read in one go, so that no commit of this process comes in between.
 * @returns sentences; none for a file that is well, or not there
 */
export const damagedFrames = (path: string): readonly string[] => {
  const file = openIfThere(path);
  if (file === null) return [];
  try {
    const size = fstatSync(file).size;
    return size < headerBytes ? [] : checkFrames(file, size);
  } finally {
    closeSync(file);
  }
};

const headerBytes = 32;
const frameHeaderBytes = 24;

type Checksum = readonly [number, number];

interface Frame {
  readonly index: number;
  readonly salted: boolean;
  readonly stored: Checksum;
  /** Going on from the checksum given. */
  readonly computed: (from: Checksum) => Checksum;
}

const checkFrames = (file: number, size: number): readonly string[] => {
  const header = read(file, 0, headerBytes);
  const magic = header.readUInt32BE(0);
  const bigEndian = magic === 0x377f0683;
  const headerSum = checksum(header.subarray(0, 24), [0, 0], bigEndian);
  const stored: Checksum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  if ((magic !== 0x377f0682 && !bigEndian) || !same(headerSum, stored))
    return ['The header of the write-ahead log is damaged: SQLite leaves out all that is in it.'];
  const pageSize = header.readUInt32BE(8);
  const frameBytes = frameHeaderBytes + pageSize;
  const count = Math.floor((size - headerBytes) / frameBytes);
  const frameAt = (index: number): Frame => {
    const bytes = read(file, headerBytes + index * frameBytes, frameBytes);
    return {
      index,
      salted: bytes.subarray(8, 16).equals(header.subarray(16, 24)),
      stored: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)],
      computed: (from) =>
        checksum(
          bytes.subarray(frameHeaderBytes),
          checksum(bytes.subarray(0, 8), from, bigEndian),
          bigEndian,
        ),
    };
  };
  return firstBreak(frameAt, count, headerSum);
};

const firstBreak = (
  frameAt: (index: number) => Frame,
  count: number,
  headerSum: Checksum,
): readonly string[] => {
  let before = headerSum;
  for (let index = 0; index < count; index += 1) {
    const frame = frameAt(index);
    const computed = frame.computed(before);
    if (frame.salted && same(computed, frame.stored)) {
      before = frame.stored;
      continue;
    }
    return breakOf(frame, computed, index + 1 < count ? frameAt(index + 1) : null);
  }
  return [];
};

const breakOf = (frame: Frame, computed: Checksum, next: Frame | null): readonly string[] => {
  const name = `Frame ${frame.index + 1} of the write-ahead log`;
  if (same(computed, frame.stored) || isFollowed(frame, computed, next))
    return [`${name} is damaged: SQLite leaves out what it has and what was written after it.`];
  // Of an earlier use of the file.
  if (!frame.salted) return [];
  return [
    `${name} does not fit its checksum, and none follows: it was damaged, or its commit was cut off and never acknowledged.`,
  ];
};

const isFollowed = (frame: Frame, computed: Checksum, next: Frame | null): boolean =>
  next?.salted === true &&
  [frame.stored, computed].some((before) => same(next.computed(before), next.stored));

const checksum = (bytes: Buffer, from: Checksum, bigEndian: boolean): Checksum => {
  let [one, two] = from;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const first = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const second = bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    one = (one + first + two) >>> 0;
    two = (two + second + one) >>> 0;
  }
  return [one, two];
};

const same = (left: Checksum, right: Checksum): boolean => left[0] === right[0] && left[1] === right[1];

const read = (file: number, at: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  return bytes;
};

const openIfThere = (path: string): number | null => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};
