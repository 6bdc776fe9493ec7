import { isAbsolute } from 'node:path';
import type { Repository } from '../events/index.ts';
import { git } from './git.ts';

/**
 * Paths of the files on a repository's base branch. Nothing for one that is not on this machine: it would have to be cloned to
 * be looked at, and whoever asks wants it for orientation.
 * @throws {GitError}
 */
export const listRepositoryFiles = async (
  { url, baseBranch }: Repository,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  if (!isAbsolute(url)) return [];
  const { stdout } = await git(['ls-tree', '-r', '--name-only', '-z', `refs/heads/${baseBranch}`], {
    cwd: url,
    access: 'user',
    signal,
  });
  return stdout.split('\0').filter((path) => path !== '');
};
