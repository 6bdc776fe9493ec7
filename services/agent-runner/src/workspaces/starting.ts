import { isCommitId, withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { commitAt, fetchCommit, head, onClone, synchroniseBranch, tracking } from './clone.ts';
import type { ProjectRepository, Worktree } from './port.ts';
import { inWorktree } from './worktree.ts';

export const startingCommit = async (
  repository: ProjectRepository,
  attempt: { readonly branch: string; readonly from: string; readonly within?: string },
  signal: AbortSignal,
): Promise<string> => {
  const { branch, from, within } = attempt;
  const isCommit = isCommitId(from);
  const here = isCommit ? await commitAt(repository, from, signal) : null;
  if (here !== null) return here;
  const fetched = isCommit ? within : from;
  const tip = fetched === undefined ? null : await synchroniseBranch(repository, fetched, signal, [branch]);
  const commit = isCommit
    ? ((await commitAt(repository, from, signal)) ?? (await fetchCommit(repository, from, signal)))
    : tip;
  if (commit !== null) return commit;
  throw new PartituraError(
    'START_NOT_FOUND',
    `${withoutCredentials(repository.url)} has no "${from}" to start from.`,
  );
};

/** A branch that another machine pushed for this attempt goes on where it is. */
export const adoptPushed = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
): Promise<void> => {
  if ((await commitAt(repository, head(branch), signal)) !== null) return;
  const pushed = await commitAt(repository, tracking(branch), signal);
  if (pushed !== null) await onClone(repository, ['update-ref', head(branch), pushed, ''], { signal });
};

/** Where a branch that exists already began: it is not moved to what has been merged since. */
export const whereItLeft = async (
  repository: ProjectRepository,
  branch: string,
  from: string,
  signal: AbortSignal,
): Promise<string | null> => {
  if ((await commitAt(repository, head(branch), signal)) === null) return null;
  const { stdout } = await onClone(repository, ['merge-base', head(branch), from], {
    signal,
    accept: [0, 1],
  });
  return stdout.trim() === '' ? null : stdout.trim();
};

/** Where the work tree's commits and that branch parted: what was pushed to the branch since is not the attempt's change. */
export const parting = async (worktree: Worktree, branch: string, signal: AbortSignal): Promise<string> => {
  const { stdout } = await inWorktree(worktree, ['merge-base', 'HEAD', branch], { signal, accept: [0, 1] });
  return stdout.trim() || branch;
};
