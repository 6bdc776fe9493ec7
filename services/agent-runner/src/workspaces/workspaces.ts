import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireBranchName } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { pushAttempt } from './attempt-branch.ts';
import { commitAll, diffSince, headOf } from './checkpoint.ts';
import {
  commitAt,
  deleteBranch,
  forgetBranch,
  head,
  isAncestor,
  makeClone,
  onClone,
  pushCommit,
  tracking,
} from './clone.ts';
import type { ProjectRepository, Workspaces, Worktree } from './port.ts';
import { isAsLeft, markClaim, restore } from './restoring.ts';
import { establishRunBranch } from './run-branch.ts';
import { type Serialised, serialised } from './serialised.ts';
import { adoptPushed, parting, startingCommit, whereItLeft } from './starting.ts';
import {
  clearHalfMade,
  exists,
  fillWorktree,
  inWorktree,
  readMarker,
  registeredAt,
  registerWorktree,
  reopenWorktree,
} from './worktree.ts';

/** Names that become directories and branches. */
const requireName = (value: string): string => {
  if (
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}$/.test(value) &&
    !value.includes('..') &&
    !/(\.|\.lock|\.git)$/.test(value)
  )
    return value;
  throw new PartituraError('WORKTREE_NAME_INVALID', `${JSON.stringify(value)} cannot name a directory.`);
};

export const mergePrefix = 'merge-';

export interface WorktreePlace {
  readonly name: string;
  /** Null: at the commit, on no branch. */
  readonly branch: string | null;
  readonly from: string;
}

/** What the merge queue's side needs besides the port: the same clones, locks and directories. */
export interface WorkspaceInternals {
  readonly exclusively: Serialised;
  readonly hold: (name: string) => void;
  readonly release: (name: string) => void;
  readonly open: (
    repository: ProjectRepository,
    place: WorktreePlace,
    signal: AbortSignal,
  ) => Promise<Worktree>;
}

const opener = (directory: () => Promise<string>, exclusively: Serialised): WorkspaceInternals['open'] => {
  const make = async (
    repository: ProjectRepository,
    place: WorktreePlace,
    path: string,
    signal: AbortSignal,
  ): Promise<Worktree> => {
    const gitDirectory = registeredAt(repository, place.name);
    const worktree = { attemptId: place.name, path, gitDirectory, branch: place.branch ?? '', repository };
    const known = await reopenWorktree(repository, place.name, path);
    if (known !== null) return { ...worktree, branch: known.branch ?? '', baseCommit: known.baseCommit };
    const left = await readMarker(gitDirectory);
    await exclusively(repository.path, async () => {
      await clearHalfMade(repository, place.name, path);
      await registerWorktree(repository, { ...place, path }, signal);
    });
    const marker = {
      attemptId: place.name,
      branch: place.branch,
      baseCommit: left?.baseCommit ?? place.from,
    };
    const made = { ...worktree, baseCommit: marker.baseCommit };
    await fillWorktree(made, marker, signal);
    return made;
  };
  return async (repository, place, signal) => {
    const path = join(await directory(), requireName(place.name));
    return await exclusively(path, () => make(repository, place, path, signal));
  };
};

const unmerged = (worktree: Worktree, what: string): PartituraError =>
  new PartituraError(
    'WORKTREE_HAS_UNMERGED_WORK',
    `The work tree of ${worktree.attemptId} has ${what}: it stays.`,
    {
      advice: `Commit and push "${worktree.branch}", or delete ${worktree.path} by hand if the work is not wanted.`,
    },
  );

/** @throws {PartituraError} WORKTREE_HAS_UNMERGED_WORK */
const requireNothingToLose = async (worktree: Worktree, signal: AbortSignal): Promise<void> => {
  if (await exists(worktree.path)) {
    const { stdout } = await inWorktree(worktree, ['status', '--porcelain', '--untracked-files=normal'], {
      signal,
    });
    if (stdout.trim() !== '') throw unmerged(worktree, 'uncommitted changes');
  }
  const commit = await headOf(worktree, signal);
  const args = ['for-each-ref', `--contains=${commit}`, '--format=%(refname)', 'refs/heads', 'refs/remotes'];
  const { stdout } = await onClone(worktree.repository, args, { signal });
  const elsewhere = stdout.split('\n').filter((name) => name !== '' && name !== head(worktree.branch));
  if (elsewhere.length === 0) throw unmerged(worktree, 'commits that are neither merged nor pushed');
};

const dismantle = async (repository: ProjectRepository, name: string, path: string): Promise<void> => {
  // The registration goes last: a crash between leaves something that can still be recognised and finished.
  await rm(path, { recursive: true, force: true });
  await rm(registeredAt(repository, name), { recursive: true, force: true });
};

/**
 * Clones under `<data>/repositories`, work trees under `<data>/worktrees`. One process at a time works in a data directory; within
 * it, what git cannot do twice at once in a clone is done one after the other, and everything else side by side.
 */
export const workspaces = (details: {
  readonly dataDirectory: string;
  /** Called by one at a time in a clone. */
  readonly bringImported?: (repository: ProjectRepository, signal: AbortSignal) => Promise<void>;
}): Workspaces & { readonly internals: WorkspaceInternals } => {
  const exclusively = serialised();
  const held = new Set<string>();
  /** Run branches that were seen at both ends by this process: they are not looked for again before each work tree. */
  const made = new Set<string>();
  const worktreesDirectory = async (): Promise<string> => {
    const path = join(details.dataDirectory, 'worktrees');
    await mkdir(path, { recursive: true });
    return await realpath(path);
  };
  const open = opener(worktreesDirectory, exclusively);

  const remove = async (worktree: Worktree, signal: AbortSignal): Promise<void> => {
    await exclusively(worktree.path, async () => {
      await requireNothingToLose(worktree, signal);
      await exclusively(worktree.repository.path, () =>
        dismantle(worktree.repository, worktree.attemptId, worktree.path),
      );
    });
  };

  /** Whether it is gone. */
  const collect = async (
    repository: ProjectRepository,
    name: string,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const path = join(await worktreesDirectory(), name);
    const gitDirectory = registeredAt(repository, name);
    const marker = await readMarker(gitDirectory);
    // A merge that nobody accepted is made again from its branches; a tree without marker was never handed out.
    if (marker === null || name.startsWith(mergePrefix)) {
      await exclusively(path, () => exclusively(repository.path, () => dismantle(repository, name, path)));
      return true;
    }
    const worktree = { ...marker, branch: marker.branch ?? '', path, gitDirectory, repository };
    try {
      await remove(worktree, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PartituraError) return false;
      throw error;
    }
  };

  return {
    internals: { exclusively, open, hold: (name) => held.add(name), release: (name) => held.delete(name) },

    openProjectRepository: async (projectId, url, signal) => {
      const directory = join(details.dataDirectory, 'repositories');
      await mkdir(directory, { recursive: true });
      const path = join(await realpath(directory), `${requireName(projectId)}.git`);
      await exclusively(path, () => makeClone(path, signal));
      const { bringImported } = details;
      const repository = { projectId, url, path };
      if (bringImported === undefined) return repository;
      return { ...repository, bringImported: (given) => bringImported(repository, given) };
    },

    createRunBranch: async (repository, { runBranch, baseBranch, commit: start = null }, signal) => {
      requireBranchName(runBranch);
      const seen = made.has(`${repository.path} ${runBranch}`)
        ? await commitAt(repository, head(runBranch), signal)
        : null;
      if (seen !== null) return { commit: seen };
      return await exclusively(repository.path, async () => {
        const commit = await establishRunBranch(repository, { runBranch, baseBranch, commit: start }, signal);
        made.add(`${repository.path} ${runBranch}`);
        return { commit };
      });
    },

    openWorktree: async (repository, attempt, signal) => {
      const name = requireName(attempt.attemptId);
      requireBranchName(attempt.branch);
      held.add(name);
      try {
        const path = join(await worktreesDirectory(), name);
        const known = await readMarker(registeredAt(repository, name));
        if (known !== null && (await exists(path))) {
          return await open(repository, { name, branch: attempt.branch, from: known.baseCommit }, signal);
        }
        const from = await exclusively(repository.path, async () => {
          const commit = await startingCommit(repository, attempt, signal);
          await adoptPushed(repository, attempt.branch, signal);
          return (await whereItLeft(repository, attempt.branch, commit, signal)) ?? commit;
        });
        return await open(repository, { name, branch: attempt.branch, from }, signal);
      } catch (error) {
        held.delete(name);
        throw error;
      }
    },

    isAsLeft,
    markClaim,
    restoreWorktree: (worktree, to, signal) =>
      exclusively(worktree.path, () => restore(worktree, to, signal)),

    checkpoint: (worktree, details, signal) =>
      exclusively(worktree.path, () => commitAll(worktree, details, signal)),
    head: headOf,
    diff: (worktree, options, signal) =>
      exclusively(worktree.path, async () => {
        const { since, maxBytes } = options;
        const from = since === undefined ? worktree.baseCommit : await parting(worktree, since, signal);
        return diffSince(worktree, { since: from, maxBytes }, signal);
      }),

    pushBranch: async (repository, branch, signal) => {
      const commit = await commitAt(repository, head(requireBranchName(branch)), signal);
      if (commit === null)
        throw new PartituraError('BRANCH_NOT_FOUND', `There is no branch "${branch}" to push.`);
      await pushCommit(repository, branch, commit, signal);
    },

    pushAttempt: (worktree, since, signal) => pushAttempt(worktree, since, signal),

    hasOnlyCommitted: async (repository, { attemptId, branch }, signal) => {
      const path = join(await worktreesDirectory(), requireName(attemptId));
      const gitDirectory = registeredAt(repository, attemptId);
      const marker = await readMarker(gitDirectory);
      if (marker === null || !(await exists(path))) return false;
      const worktree = { attemptId, branch, path, gitDirectory, repository, baseCommit: marker.baseCommit };
      const args = ['status', '--porcelain', '--ignored', '--untracked-files=normal'];
      return (await inWorktree(worktree, args, { signal })).stdout.trim() === '';
    },

    hasWorktree: async (attemptId) => exists(join(await worktreesDirectory(), requireName(attemptId))),
    discardWorktree: async (worktree, signal) => {
      const { repository, branch, attemptId } = worktree;
      await remove(worktree, signal);
      held.delete(attemptId);
      await exclusively(repository.path, () => forgetBranch(repository, branch, signal));
    },

    removeMergedBranches: async (repository, branches, target, signal) => {
      for (const branch of branches) {
        await exclusively(repository.path, async () => {
          // The attempt's own machine has the branch; others have what they fetched of it.
          const commit =
            (await commitAt(repository, head(branch), signal)) ??
            (await commitAt(repository, tracking(branch), signal));
          if (commit === null || !(await isAncestor(repository, commit, head(target), signal))) return;
          await deleteBranch(repository, branch, commit, signal);
        });
      }
    },

    releaseWorktree: (attemptId) => {
      held.delete(attemptId);
    },

    removeWorktree: async (worktree, signal) => {
      await remove(worktree, signal);
      held.delete(worktree.attemptId);
    },

    collectLeftovers: async (repository, isLive, signal) => {
      const removed: string[] = [];
      const kept: string[] = [];
      for (const name of await readdir(join(repository.path, 'worktrees')).catch(() => [])) {
        if (held.has(name) || isLive(name)) continue;
        (await collect(repository, name, signal)) ? removed.push(name) : kept.push(name);
      }
      return { removed, kept };
    },
  };
};
