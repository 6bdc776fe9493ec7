import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { directorySync } from './directory-sync.ts';

describe('syncing a directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-sync-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 20 }));

  it('is shared by all who ask while one is under way, and begins anew for who comes later', async () => {
    const sync = directorySync();
    const first = sync(directory);
    const others = [sync(directory), sync(directory), sync(directory)];
    expect(new Set(others).size).toBe(1);
    expect(others[0]).not.toBe(first);
    await Promise.all([first, ...others]);
    expect(sync(directory)).not.toBe(others[0]);
  });

  it('fails for those who asked, and works again after it', async () => {
    const sync = directorySync();
    const missing = join(directory, 'missing');
    const results = await Promise.allSettled([sync(missing), sync(missing), sync(directory)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await expect(sync(missing)).rejects.toThrow('ENOENT');
  });
});
