import { PartituraError } from '@partitura/shared/runtime';
import { commitAt, fetchBranch, head, isAncestor, onClone, pushCommit, replaceBranch } from './clone.ts';
import type { ProjectRepository, Worktree } from './port.ts';

/** Whether all that is on top of `since` was committed for the attempt: by a runner that had it before, and was replaced. */
const isLeftover = async (
  repository: ProjectRepository,
  attempt: { readonly attemptId: string; readonly since: string; readonly tip: string },
  signal: AbortSignal,
): Promise<boolean> => {
  const { attemptId, since, tip } = attempt;
  if (!(await isAncestor(repository, since, tip, signal))) return false;
  const format = '--format=%(trailers:key=Partitura-Attempt,valueonly,separator=%x20)';
  const args = ['log', '--first-parent', format, `${since}..${tip}`, '--'];
  const { stdout } = await onClone(repository, args, { signal });
  return stdout
    .trim()
    .split('\n')
    .every((name) => name === attemptId);
};

/** See `Workspaces.pushAttempt`. */
export const pushAttempt = async (
  { repository, branch, attemptId }: Worktree,
  since: string,
  signal: AbortSignal,
): Promise<void> => {
  const commit = await commitAt(repository, head(branch), signal);
  if (commit === null)
    throw new PartituraError('BRANCH_NOT_FOUND', `There is no branch "${branch}" to push.`);
  try {
    await pushCommit(repository, branch, commit, signal);
  } catch (error) {
    if (!(error instanceof PartituraError) || error.code !== 'PUSH_REJECTED') throw error;
    const tip = await fetchBranch(repository, branch, signal);
    if (tip === null || !(await isLeftover(repository, { attemptId, since, tip }, signal))) throw error;
    await replaceBranch(repository, { branch, expected: tip, commit }, signal);
  }
};
