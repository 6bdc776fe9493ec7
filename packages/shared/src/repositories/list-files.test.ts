import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createRepository } from './create.ts';
import { listRepositoryFiles } from './list-files.ts';

it('lists what is on the base branch, whatever it is called, and nothing of a repository elsewhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-files-'));
  const url = join(directory, 'repository');
  await createRepository(url, {
    files: { 'README.md': '#', 'src/ä ö.js': '1' },
    message: 'Begin',
    identity: { name: 'Test', email: 'test@localhost' },
  });
  const signal = new AbortController().signal;
  expect(await listRepositoryFiles({ url, baseBranch: 'main' }, signal)).toEqual(['README.md', 'src/ä ö.js']);
  expect(await listRepositoryFiles({ url: 'https://example.org/a.git', baseBranch: 'main' }, signal)).toEqual(
    [],
  );
  await expect(listRepositoryFiles({ url, baseBranch: 'none' }, signal)).rejects.toMatchObject({
    code: 'GIT_FAILED',
  });
  await rm(directory, { recursive: true });
});
