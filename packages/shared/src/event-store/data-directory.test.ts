import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acquireDataDirectory, readDataDirectoryHolder } from './data-directory.ts';
import { type RunningChild, startChild } from './testing/child-process.ts';

const clock = { now: () => Date.UTC(2026, 0, 2), sleep: async () => undefined };
const acquire = (path: string) => acquireDataDirectory(path, { clock });

describe('the data directory', () => {
  let directory: string;
  const children: RunningChild[] = [];
  const hold = async (...parameters: string[]): Promise<{ child: RunningChild; said: string | null }> => {
    const child = startChild('hold-data-directory.ts', ...parameters);
    children.push(child);
    return { child, said: await child.line() };
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-data-'));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()));
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  });

  it('belongs to one process; the next is told to whom, and where it serves', async () => {
    const { child, said } = await hold(directory, 'http://127.0.0.1:4600');
    expect(said).toBe('held');
    const refusal = acquire(directory);
    await expect(refusal).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_LOCKED',
      holder: { pid: child.pid, url: 'http://127.0.0.1:4600', startedAt: '1970-01-01T00:00:00.000Z' },
      message: expect.stringContaining(`process ${child.pid}, which serves at http://127.0.0.1:4600`),
      advice: expect.stringContaining('--url http://127.0.0.1:4600'),
    });
    expect((await hold(directory)).said).toBe('DATA_DIRECTORY_LOCKED');
  });

  it('is free as soon as its process is killed, and its last word does not count', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { child, said } = await hold(directory, `http://127.0.0.1:${round}`);
      expect(said).toBe('held');
      await child.kill();
    }
    const own = await acquire(directory);
    expect(await readDataDirectoryHolder(directory)).toEqual({
      pid: process.pid,
      url: null,
      startedAt: '2026-01-02T00:00:00.000Z',
    });
    await own.release();
  });

  it('goes to exactly one of several that start at once', async () => {
    const said = await Promise.all([1, 2, 3].map(async () => (await hold(directory)).said));
    expect(said.toSorted()).toEqual(['DATA_DIRECTORY_LOCKED', 'DATA_DIRECTORY_LOCKED', 'held']);
  });

  it('is taken once within a process, too, and free after its release', async () => {
    const path = join(directory, 'not', 'there', 'yet');
    const first = await acquire(path);
    await first.announce('http://127.0.0.1:1');
    await expect(acquire(path)).rejects.toMatchObject({
      holder: { pid: process.pid, url: 'http://127.0.0.1:1' },
    });
    expect((await hold(path)).said).toBe('DATA_DIRECTORY_LOCKED');
    await first.release();
    await first.release();
    expect(await readDataDirectoryHolder(path)).toBeNull();
    expect((await hold(path)).said).toBe('held');
  });

  it('is refused although its holder has not said who it is', async () => {
    const { said } = await hold(directory);
    expect(said).toBe('held');
    await writeFile(join(directory, 'holder.json'), '{"pid":');
    await expect(acquire(directory)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_LOCKED',
      holder: null,
      message: expect.stringContaining('another process'),
    });
  });

  it('has to be a directory that can be written', async () => {
    const file = join(directory, 'file');
    await writeFile(file, 'content');
    for (const path of [file, join(file, 'below')]) {
      await expect(acquire(path)).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_NOT_WRITABLE',
        advice: expect.stringContaining('--data'),
      });
    }
    await writeFile(join(directory, 'lock.db'), 'x'.repeat(10_000));
    await expect(acquire(directory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NOT_WRITABLE' });
    expect(await readFile(file, 'utf8')).toBe('content');
  });
});
