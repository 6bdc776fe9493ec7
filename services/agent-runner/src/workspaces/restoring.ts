import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { commitAt, fetchBranch, fetchCommit } from './clone.ts';
import type { Worktree } from './port.ts';
import { inWorktree, writeMarker } from './worktree.ts';

/**
 * Whether a work tree is what the log says. An attempt that goes from one machine to another and back finds a work tree here that
 * is out of date; each claim on an attempt has a number in its stream, and the number that is noted with the work tree says
 * whether the last one to have the attempt worked in it.
 */
const claimFile = ({ gitDirectory }: Worktree): string => join(gitDirectory, 'partitura-claim');

export const isAsLeft = async (worktree: Worktree, claim: number): Promise<boolean> => {
  const noted = await readFile(claimFile(worktree), 'utf8').catch(() => '');
  return noted === String(claim - 1) || noted === String(claim);
};

export const markClaim = async (worktree: Worktree, claim: number): Promise<void> => {
  const file = claimFile(worktree);
  await writeFile(`${file}.new`, String(claim));
  await rename(`${file}.new`, file);
};

const commitToRestore = async (
  { repository, branch }: Worktree,
  commit: string,
  signal: AbortSignal,
): Promise<string> => {
  const here = await commitAt(repository, commit, signal);
  if (here !== null) return here;
  await fetchBranch(repository, branch, signal);
  const fetched =
    (await commitAt(repository, commit, signal)) ?? (await fetchCommit(repository, commit, signal));
  if (fetched !== null) return fetched;
  throw new PartituraError(
    'BRANCH_NOT_FOUND',
    `${withoutCredentials(repository.url)} has no commit ${commit} on "${branch}", which the attempt had got to.`,
    { advice: 'The branch was deleted or moved there; run the task again.' },
  );
};

export const restore = async (
  worktree: Worktree,
  to: { readonly commit: string; readonly baseCommit: string },
  signal: AbortSignal,
): Promise<Worktree> => {
  await rm(claimFile(worktree), { force: true });
  const commit = await commitToRestore(worktree, to.commit, signal);
  await inWorktree(worktree, ['reset', '--quiet', '--hard', commit, '--'], { signal });
  await inWorktree(worktree, ['clean', '--quiet', '-ffdx'], { signal });
  await rm(join(worktree.gitDirectory, 'partitura-edits'), { recursive: true, force: true });
  const { attemptId, branch } = worktree;
  await writeMarker(worktree.gitDirectory, { attemptId, branch, baseCommit: to.baseCommit });
  return { ...worktree, baseCommit: to.baseCommit };
};
