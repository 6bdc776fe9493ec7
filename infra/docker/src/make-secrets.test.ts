import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeSecrets } from './make-secrets.ts';
import { type TemporaryFolder, temporaryFolder } from './testing/places.ts';

const program = fileURLToPath(new URL('make-secrets.ts', import.meta.url));

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const contents = async (): Promise<Readonly<Record<string, string>>> => {
  const names = (await readdir(folder.path)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder.path, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
};

const run = async (...args: string[]): Promise<number | null> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
};

describe('the secrets of an installation', () => {
  it('are made once and stay', async () => {
    await makeSecrets(folder.path);
    const first = await contents();
    await makeSecrets(folder.path);
    expect(await contents()).toEqual(first);
    const random = Object.entries(first).filter(([name]) => /password$|-key$/.test(name));
    expect(random).toHaveLength(8);
    expect(new Set(random.map(([, value]) => value)).size).toBe(8);
    for (const [, value] of random) expect(value).toMatch(/(^|_)[0-9a-f]{64}$/);
  });

  it('fit each other: what an engine is told is what its URL says', async () => {
    await makeSecrets(folder.path);
    const files = await contents();
    for (const engine of ['queue', 'read-models', 'knowledge', 'blobs'])
      expect(new URL(files[`${engine}-url`] ?? '').password).toBe(files[`${engine}-password`]);
    expect(files['redis.conf']).toBe(`requirepass ${files['queue-password']}\n`);
  });

  it('are for the services alone, but for the passwords that engines read', async () => {
    await makeSecrets(folder.path);
    const names = await readdir(folder.path);
    const modes = await Promise.all(
      names.map(async (name) => [name, (await stat(join(folder.path, name))).mode & 0o777]),
    );
    const readByGroup = modes.filter(([, mode]) => mode === 0o440).map(([name]) => name);
    expect(readByGroup.sort()).toEqual([
      'blobs-password',
      'knowledge-password',
      'queue-password',
      'read-models-password',
      'redis.conf',
    ]);
    expect(modes.filter(([, mode]) => mode !== 0o440 && mode !== 0o400)).toEqual([]);
  });

  it('are the same for several that make them at once', async () => {
    const codes = await Promise.all(Array.from({ length: 4 }, () => run(folder.path)));
    expect(codes).toEqual([0, 0, 0, 0]);
    const files = await contents();
    expect(Object.keys(files)).toHaveLength(13);
    for (const engine of ['queue', 'read-models', 'knowledge', 'blobs'])
      expect(files[`${engine}-url`]).toContain(`:${files[`${engine}-password`]}@`);
  });

  it('are not half made where they cannot be written', async () => {
    expect(await run(join(folder.path, 'nowhere'))).not.toBe(0);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
