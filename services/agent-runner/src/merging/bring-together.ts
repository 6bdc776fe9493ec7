import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitIdentity, GitError } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import type { CheckOutcome } from '../checks/index.ts';
import { headOf } from '../workspaces/checkpoint.ts';
import { commitAt, fetchBranch } from '../workspaces/clone.ts';
import type { Worktree } from '../workspaces/index.ts';
import { inWorktree } from '../workspaces/worktree.ts';

export interface ConflictingWork {
  readonly branch: string;
  readonly commit: string | null;
  readonly files: readonly string[];
}

/**
 * Merges the branch that conflicts into a work tree and leaves the markers for the agent to settle; its next checkpoint is the
 * merge. Asking again, half-way or afterwards, changes nothing.
 */
export const bringTogether = async (
  worktree: Worktree,
  { branch, commit }: ConflictingWork,
  identity: CommitIdentity,
  signal: AbortSignal,
): Promise<void> => {
  const target = await conflictingCommit(worktree, branch, commit, signal);
  if ((await headOf(worktree, signal)) !== worktree.baseCommit) return;
  const begun = await inWorktree(worktree, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'], {
    signal,
    accept: [0, 1, 128],
  });
  if (begun.exitCode === 0) return;
  // The common ancestor between the two sides: without it nobody can tell who changed what.
  const args = [
    '-c',
    'merge.conflictStyle=diff3',
    'merge',
    '--quiet',
    '--no-ff',
    '--no-commit',
    '--no-verify',
    target,
  ];
  try {
    await inWorktree(worktree, args, { signal, identity, accept: [0, 1] });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GitError)) throw error;
    throw new PartituraError(
      'CONFLICT_NOT_REPRODUCED',
      `${branch} could not be merged for its conflicts to be settled.`,
      {
        cause: error,
      },
    );
  }
};

const conflictingCommit = async (
  worktree: Worktree,
  branch: string,
  commit: string | null,
  signal: AbortSignal,
): Promise<string> => {
  const { repository } = worktree;
  const wanted = commit ?? `refs/heads/${branch}`;
  const known = await commitAt(repository, wanted, signal);
  if (known !== null) return known;
  const fetched = await fetchBranch(repository, branch, signal);
  const found = commit === null ? fetched : await commitAt(repository, commit, signal);
  if (found !== null) return found;
  throw new PartituraError(
    'BRANCH_NOT_FOUND',
    `The branch "${branch}", whose conflict is to be settled, is gone.`,
  );
};

/** Tests of a project do not look for markers in a text; we do. */
export const markersLeft = async (worktree: Worktree, files: readonly string[]): Promise<CheckOutcome> => {
  const left: string[] = [];
  for (const file of files) {
    const content = await readFile(join(worktree.path, file), 'utf8').catch(() => '');
    if (/^(<{7}|>{7}|\|{7}) /m.test(content)) left.push(file);
  }
  return {
    name: 'conflict-markers',
    command: 'look for conflict markers',
    outcome: left.length > 0 ? 'failed' : 'passed',
    exitCode: left.length > 0 ? 1 : 0,
    durationMs: 0,
    passed: null,
    failed: null,
    output: left.length > 0 ? `Conflict markers are left in ${left.join(', ')}.` : 'None are left.',
  };
};
