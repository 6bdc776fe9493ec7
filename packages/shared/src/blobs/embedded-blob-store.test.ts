import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEmbeddedBlobStore } from './embedded-blob-store.ts';
import { openSmallBlobStore } from './small-blob-store.ts';
import { blobStoreContract } from './testing/index.ts';

const temporary = () => mkdtemp(join(tmpdir(), 'partitura-blobs-'));

blobStoreContract('SQLite', async () => {
  const directory = await temporary();
  return {
    store: openSmallBlobStore({ path: join(directory, 'small.db') }),
    remove: () => rm(directory, { recursive: true }),
  };
});

blobStoreContract('SQLite for small ones, files for large ones', async () => {
  const directory = await temporary();
  return {
    store: await openEmbeddedBlobStore({ directory }),
    remove: () => rm(directory, { recursive: true }),
  };
});

describe('blobs of one process', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await temporary();
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('finds both after a restart, the large one in a file', async () => {
    const first = await openEmbeddedBlobStore({ directory });
    const large = 'x'.repeat(100_000);
    const hashes = await Promise.all([first.put('small'), first.put(large)]);
    await first.close();
    const again = await openEmbeddedBlobStore({ directory });
    const contents = await Promise.all(hashes.map((hash) => again.get(hash)));
    expect(contents.map((content) => Buffer.from(content).toString())).toEqual(['small', large]);
    expect(await readdir(join(directory, hashes[1]?.slice(0, 2) ?? ''))).toHaveLength(1);
    await again.close();
  });

  it('notices what was changed, and putting the content again heals it', async () => {
    const path = join(directory, 'small.db');
    const store = openSmallBlobStore({ path });
    const hash = await store.put('content');
    const other = new DatabaseSync(path);
    other.prepare('UPDATE blobs SET content = ? WHERE hash = ?').run(Buffer.from('c0ntent'), hash);
    other.close();
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await store.put('content');
    expect(Buffer.from(await store.get(hash)).toString()).toBe('content');
    await store.close();
  });

  it('says so when the place cannot be used', async () => {
    expect(() => openSmallBlobStore({ path: join(directory, 'missing', 'small.db') })).toThrow(
      expect.objectContaining({ code: 'BLOB_STORE_FAILED' }),
    );
  });
});
