import { chmod, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '../canonical/index.ts';
import { openFileBlobStore } from './file-blob-store.ts';
import { blobStoreContract } from './testing/index.ts';

const temporary = () => mkdtemp(join(tmpdir(), 'partitura-blobs-'));

blobStoreContract('files', async () => {
  const directory = await temporary();
  return { store: await openFileBlobStore({ directory }), remove: () => rm(directory, { recursive: true }) };
});

describe('blobs as files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await temporary();
  });
  afterEach(async () => {
    await chmod(directory, 0o700);
    await rm(directory, { recursive: true });
  });
  const pathOf = (hash: string): string => join(directory, hash.slice(0, 2), hash.slice(2));

  it('finds them after a restart, at aa/bb…, and leaves nothing else behind', async () => {
    const first = await openFileBlobStore({ directory });
    const hash = await first.put('content');
    await first.close();
    const second = await openFileBlobStore({ directory });
    expect(Buffer.from(await second.get(hash)).toString()).toBe('content');
    expect(await readdir(directory)).toEqual(expect.arrayContaining(['incoming', hash.slice(0, 2)]));
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('notices what was cut or changed, and putting the content again heals it', async () => {
    const store = await openFileBlobStore({ directory });
    const hash = await store.put('content');
    await truncate(pathOf(hash), 3);
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_CORRUPT', advice: expect.any(String) });
    await store.put('content');
    await writeFile(pathOf(hash), 'c0ntent');
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await store.put('content');
    expect(Buffer.from(await store.get(hash)).toString()).toBe('content');
  });

  it('sweeps what a crash left half written', async () => {
    await openFileBlobStore({ directory });
    await writeFile(join(directory, 'incoming', '1-1'), 'half');
    await openFileBlobStore({ directory });
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('says so when it cannot write, and works again when it can', async () => {
    const store = await openFileBlobStore({ directory });
    const blocked = join(directory, sha256('content').slice(0, 2));
    await writeFile(blocked, 'a file where the directory should be');
    await expect(store.put('content')).rejects.toMatchObject({ code: 'BLOB_STORE_FAILED' });
    await rm(blocked);
    expect(await store.has(await store.put('content'))).toBe(true);
  });
});
