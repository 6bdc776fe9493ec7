import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from '../events/index.ts';
import { git } from './git.ts';
import { explainUnreachable } from './inspect-remote.ts';
import { parseRepositoryAddress } from './names.ts';

const fetchTimeoutMs = 30_000;

const pathsAt = async (
  where: { readonly cwd: string } | { readonly gitDirectory: string },
  branch: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const args = ['ls-tree', '-r', '--name-only', '-z', `refs/heads/${branch}`];
  const { stdout } = await git(args, { ...where, access: 'user', signal });
  return stdout.split('\0').filter((path) => path !== '');
};

/** Its names alone, where the server can leave the files out. */
const fetchNames = async (
  clone: string,
  { url, baseBranch }: Repository,
  signal: AbortSignal,
): Promise<void> => {
  await git(['init', '--quiet', '--bare', '--template=', '--', clone], { signal });
  const fetch = ['fetch', '--quiet', '--no-tags', '--depth=1', '--filter=blob:none', '--no-write-fetch-head'];
  const refspec = `refs/heads/${baseBranch}:refs/heads/${baseBranch}`;
  await git([...fetch, '--', url, refspec], {
    gitDirectory: clone,
    access: 'user',
    timeoutMs: fetchTimeoutMs,
    signal,
  }).catch((error: unknown) => {
    throw explainUnreachable(url, error);
  });
};

/**
 * Paths of the files on a repository's base branch: looked up in place on this machine, through a clone of a moment elsewhere.
 * Whoever asks wants it for orientation, and may not be able to reach what the runners can.
 * @throws {GitError} @throws {PartituraError} REPOSITORY_URL_INVALID, REPOSITORY_NOT_FOUND, REPOSITORY_UNAUTHORIZED,
 * REPOSITORY_UNREACHABLE
 */
export const listRepositoryFiles = async (
  repository: Repository,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const address = parseRepositoryAddress(repository.url);
  if (address.location === 'local') return pathsAt({ cwd: address.path }, repository.baseBranch, signal);
  const clone = await mkdtemp(join(tmpdir(), 'partitura-listing-'));
  try {
    await fetchNames(clone, repository, signal);
    return await pathsAt({ gitDirectory: clone }, repository.baseBranch, signal);
  } finally {
    await rm(clone, { recursive: true, force: true, maxRetries: 5 });
  }
};
