import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeFileWhole } from './write-bytes.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-write-'));
});
afterEach(() => rm(directory, { recursive: true, maxRetries: 20 }));

async function* pieces(before: () => Promise<void> = async () => undefined): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first ');
  await before();
  yield Buffer.from('last');
}

it('a file has its name when its last byte is there, and not before', async () => {
  const path = join(directory, 'runs.ndjson');
  const seen: string[] = [];
  const bytes = await writeFileWhole(
    path,
    pieces(async () => void seen.push(...(await readdir(directory)))),
  );
  expect(bytes).toBe(10);
  expect(await readFile(path, 'utf8')).toBe('first last');
  expect(seen).not.toContain('runs.ndjson');
  expect(await readdir(directory)).toEqual(['runs.ndjson']);
});

it.each(['breaks off', 'is interrupted'])('a file that %s leaves the one before as it was', async (how) => {
  const path = join(directory, 'runs.ndjson');
  await writeFile(path, 'before');
  const enough = new AbortController();
  const stop = async (): Promise<void> => {
    if (how === 'breaks off') throw new Error('terminated');
    enough.abort();
  };
  await expect(writeFileWhole(path, pieces(stop), enough.signal)).rejects.toThrow();
  expect(await readFile(path, 'utf8')).toBe('before');
  expect(await readdir(directory)).toEqual(['runs.ndjson']);
});

it.each([
  ['a directory that is not there', join('nowhere', 'runs.ndjson')],
  ['below a file', join('file', 'runs.ndjson')],
  ['where a directory stands', 'directory'],
])('a file in %s cannot be written, and nothing is left of it', async (_, name) => {
  await writeFile(join(directory, 'file'), '');
  await mkdir(join(directory, 'directory'));
  const path = join(directory, name);
  await expect(writeFileWhole(path, pieces())).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(`${path} cannot be written`),
  });
  expect(await readdir(directory)).toEqual(['directory', 'file']);
});
