import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitError } from './errors.ts';
import { git } from './git.ts';
import { explainUnreachable } from './inspect-remote.ts';
import { parseRepositoryAddress, requireBranchName } from './names.ts';

interface Wanted {
  readonly branch: string;
  /** A branch that leads to the commit. */
  readonly from: string;
  /** Default: the end of that branch. */
  readonly commit: string | null;
}

type Place = { readonly cwd: string } | { readonly gitDirectory: string };

/** Only where there is none: one that somebody made meanwhile stays as it is. */
const push = async (
  place: Place,
  url: string,
  { branch, commit }: { readonly branch: string; readonly commit: string },
  signal: AbortSignal,
): Promise<void> => {
  const name = `refs/heads/${requireBranchName(branch)}`;
  const lease = `--force-with-lease=${name}:`;
  const args = ['push', '--quiet', '--no-verify', lease, '--', url, `${commit}:${name}`];
  try {
    await git(args, { ...place, access: 'user', signal });
  } catch (error) {
    const isThere = error instanceof GitError && /\[rejected\]|stale info|already exists/.test(error.stderr);
    if (!isThere) throw error;
  }
};

/** The history alone, if the server gives it without the files: what is pushed it has. */
export const branchFromAfar = async (url: string, wanted: Wanted, signal: AbortSignal): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-branch-'));
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--', directory], { signal });
    const from = `refs/heads/${requireBranchName(wanted.from)}`;
    const args = ['fetch', '--quiet', '--no-tags', '--filter=tree:0', '--', url, `${from}:${from}`];
    await git(args, { gitDirectory: directory, access: 'user', signal });
    const commit = wanted.commit ?? from;
    await push({ gitDirectory: directory }, url, { ...wanted, commit }, signal);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  }
};

/**
 * Makes a branch at a commit that the repository has, without a clone of it.
 * @throws {PartituraError} BRANCH_NAME_INVALID, REPOSITORY_NOT_FOUND, REPOSITORY_UNAUTHORIZED, REPOSITORY_UNREACHABLE
 * @throws {GitError} for a commit that is not there, or a push that is refused
 */
export const branchAt = async (pathOrUrl: string, wanted: Wanted, signal: AbortSignal): Promise<void> => {
  const address = parseRepositoryAddress(pathOrUrl);
  if (address.location === 'local') {
    const commit = wanted.commit ?? `refs/heads/${requireBranchName(wanted.from)}`;
    return push({ cwd: address.path }, '.', { ...wanted, commit }, signal);
  }
  return branchFromAfar(address.url, wanted, signal).catch((error: unknown) => {
    throw explainUnreachable(address.url, error);
  });
};
