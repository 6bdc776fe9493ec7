import { GitError, withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import {
  commitAt,
  fetchBranch,
  fetchCommit,
  head,
  isAncestor,
  onClone,
  pushCommit,
  synchroniseBranch,
} from '../workspaces/clone.ts';
import type { Worktree } from '../workspaces/port.ts';
import { mergePrefix, type WorkspaceInternals } from '../workspaces/workspaces.ts';
import { inWorktree } from '../workspaces/worktree.ts';
import type { BranchMerge, BranchMerging, MergeRequest } from './git-merge-port.ts';

const notFound = (request: MergeRequest, what: string): PartituraError =>
  new PartituraError('BRANCH_NOT_FOUND', `${withoutCredentials(request.repository.url)} has no ${what}.`, {
    advice: 'It was deleted there, or never pushed; run the task again.',
  });

/** Where the run's branch is now, with the commit to merge at hand. */
const prepare = async (request: MergeRequest, signal: AbortSignal): Promise<string> => {
  const { repository } = request;
  const tip = await synchroniseBranch(repository, request.runBranch, signal);
  if (tip === null) throw notFound(request, `branch "${request.runBranch}"`);
  if ((await commitAt(repository, request.commit, signal)) === null) {
    await fetchBranch(repository, request.branch, signal);
    const fetched =
      (await commitAt(repository, request.commit, signal)) ??
      (await fetchCommit(repository, request.commit, signal));
    if (fetched === null) {
      throw notFound(request, `commit ${request.commit} on "${request.branch}"`);
    }
  }
  return tip;
};

/** The merge whose second parent is the commit; the tip itself when the commit came in another way. */
const mergeThatBrought = async (request: MergeRequest, tip: string, signal: AbortSignal): Promise<string> => {
  const args = ['rev-list', '--first-parent', '--merges', '--parents', tip, '--'];
  const { stdout } = await onClone(request.repository, args, { signal });
  const found = stdout.split('\n').find((line) => line.split(' ').slice(2).includes(request.commit));
  return found?.split(' ')[0] ?? tip;
};

/** As if freshly made: what an earlier merge or its checks left is gone, ignored files too, so that checks see only what is committed. */
const cleanTo = async (worktree: Worktree, commit: string, signal: AbortSignal): Promise<void> => {
  // On no branch, so that this moves the work tree and nothing else.
  await inWorktree(worktree, ['reset', '--quiet', '--hard', commit, '--'], { signal });
  await inWorktree(worktree, ['clean', '--quiet', '-ffdx'], { signal });
};

const conflictedFiles = async (worktree: Worktree, signal: AbortSignal): Promise<string[]> => {
  const { stdout } = await inWorktree(worktree, ['diff', '--name-only', '--diff-filter=U', '-z', '--'], {
    signal,
  });
  return [...new Set(stdout.split('\0').filter((name) => name !== ''))];
};

const mergeInto = async (
  worktree: Worktree,
  request: MergeRequest,
  previous: string,
  signal: AbortSignal,
): Promise<BranchMerge> => {
  const merge = ['merge', '--quiet', '--no-ff', '--no-edit', '--no-verify'];
  try {
    await inWorktree(worktree, [...merge, `--message=${request.message}`, request.commit], {
      signal,
      identity: request.identity,
    });
  } catch (error) {
    signal.throwIfAborted();
    const files = error instanceof GitError ? await conflictedFiles(worktree, signal) : [];
    await cleanTo(worktree, previous, signal);
    if (files.length === 0) throw error;
    return { outcome: 'conflicted', files };
  }
  const args = ['rev-parse', 'HEAD', 'HEAD^{tree}', `${request.commit}^{tree}`];
  const { stdout } = await inWorktree(worktree, args, { signal });
  const [commit = '', tree, submittedTree] = stdout.split('\n');
  return { outcome: 'merged', commit, previous, worktree, sameFiles: tree === submittedTree };
};

const moved = (request: MergeRequest, cause: unknown): PartituraError =>
  new PartituraError(
    'RUN_BRANCH_MOVED',
    `Somebody pushed to "${request.runBranch}" of ${withoutCredentials(request.repository.url)} while it was being merged into.`,
    { advice: 'Nothing was overwritten; the merge is made again on top of it.', cause },
  );

/**
 * A merge is made in a work tree of its own, on no branch. The run's branch does not move before the checks passed, so there is
 * nothing to take back when they fail, nor after a crash.
 */
export const branchMerging = (internals: WorkspaceInternals): BranchMerging => {
  const nameOf = (request: MergeRequest): string => `${mergePrefix}${request.runId}`;
  const alone = <Result>(request: MergeRequest, work: () => Promise<Result>): Promise<Result> =>
    internals.exclusively(`${request.repository.path} ${nameOf(request)}`, work);

  const merge = async (request: MergeRequest, signal: AbortSignal): Promise<BranchMerge> => {
    const { repository } = request;
    const tip = await internals.exclusively(repository.path, () => prepare(request, signal));
    if (await isAncestor(repository, request.commit, tip, signal)) {
      return { outcome: 'already_merged', commit: await mergeThatBrought(request, tip, signal) };
    }
    const worktree = await internals.open(
      repository,
      { name: nameOf(request), branch: null, from: tip },
      signal,
    );
    await cleanTo(worktree, tip, signal);
    return await mergeInto(worktree, request, tip, signal);
  };

  return {
    mergeBranch: (request, signal) =>
      alone(request, async () => {
        internals.hold(nameOf(request));
        try {
          const result = await merge(request, signal);
          if (result.outcome !== 'merged') internals.release(nameOf(request));
          return result;
        } catch (error) {
          internals.release(nameOf(request));
          throw error;
        }
      }),

    accept: (request, { commit, previous }, signal) =>
      alone(request, async () => {
        // Pushed first: should we crash before the clone's branch moves, the next merge finds it at the project's repository.
        await pushCommit(request.repository, request.runBranch, commit, signal).catch((error: unknown) => {
          const rejected = error instanceof PartituraError && error.code === 'PUSH_REJECTED';
          throw rejected ? moved(request, error) : error;
        });
        await onClone(request.repository, ['update-ref', head(request.runBranch), commit, previous], {
          signal,
        });
        internals.release(nameOf(request));
      }),

    reject: (request, { previous, worktree }, signal) =>
      alone(request, async () => {
        await cleanTo(worktree, previous, signal);
        internals.release(nameOf(request));
      }),
  };
};
