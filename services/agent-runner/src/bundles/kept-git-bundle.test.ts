import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { keepInParts, writeKept } from './kept-git-bundle.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-kept-'));
});
afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 20 }));

it.each([0, 1, 999, 1_000, 1_001, 2_500])(
  'a file of %i bytes is kept in pieces, and comes back',
  async (size) => {
    const blobs = memoryBlobStore();
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    const content = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7) % 251));
    await writeFile(from, content);
    const kept = await keepInParts(from, blobs, 1_000);
    expect([kept.size, kept.parts.length]).toEqual([size, Math.ceil(size / 1_000)]);
    expect(await keepInParts(from, blobs, 1_000)).toEqual(kept);
    await writeKept(kept, blobs, to);
    expect((await readFile(to)).equals(content)).toBe(true);
  },
);

it('what lacks a piece, or has them in another order, is not taken for the whole', async () => {
  const blobs = memoryBlobStore();
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  await writeFile(from, 'abcdef');
  const kept = await keepInParts(from, blobs, 2);
  for (const parts of [kept.parts.slice(1), kept.parts.toReversed()])
    await expect(writeKept({ ...kept, parts }, blobs, to)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
    });
  await expect(writeKept({ ...kept, parts: ['0'.repeat(64)] }, blobs, to)).rejects.toMatchObject({
    code: 'BLOB_NOT_FOUND',
  });
});
