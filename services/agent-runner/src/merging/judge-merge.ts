import type { EventStore } from '@partitura/shared/event-store';
import type { CheckResult } from '@partitura/shared/events';
import type { CommitIdentity } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { type RunningChecks, runChecks } from '../checks/index.ts';
import type { RunView } from '../runs/run-view.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Workspaces } from '../workspaces/index.ts';
import { checksPassedOn } from './checks-passed.ts';
import type { BranchMerge, BranchMerging, MergeRequest } from './git-merge-port.ts';
import type { MergeClaim, MergeClaims } from './merge-claims.ts';
import { mergeMessage } from './merge-message.ts';
import type { Settlement, Submission } from './queue.ts';

export interface JudgeDependencies extends RunningChecks {
  readonly store: EventStore;
  readonly claims: Pick<MergeClaims, 'require'>;
  readonly workspaces: Workspaces;
  readonly merging: BranchMerging;
  readonly identity: CommitIdentity;
  readonly sandboxOf: (mode: 'required' | 'off') => Promise<Sandbox | null>;
}

/** Merges the branch of a claim, and says by its checks whether the run's branch moves to that. */
export type MergeJudge = (view: RunView, claim: MergeClaim, signal: AbortSignal) => Promise<Settlement>;

type Merged = Extract<BranchMerge, { outcome: 'merged' }>;

/** Done again after a crash, git says what is merged already. */
export const mergeJudge = (dependencies: JudgeDependencies): MergeJudge => {
  const { store, claims, merging, workspaces } = dependencies;

  /** The checks of the attempt itself, when they passed on these very files and nothing else lay beside them. */
  const passedBefore = async (
    { repository, commit, branch }: MergeRequest,
    attemptId: string,
    signal: AbortSignal,
  ): Promise<readonly CheckResult[] | null> => {
    const checks = await checksPassedOn(store, attemptId, commit);
    if (checks === null) return null;
    return (await workspaces.hasOnlyCommitted(repository, { attemptId, branch }, signal)) ? checks : null;
  };

  /** The run's branch moves, unless the claim went to another runner meanwhile. */
  const accept = async (
    view: RunView,
    claim: MergeClaim,
    request: MergeRequest,
    merged: Merged,
    signal: AbortSignal,
  ) => {
    await claims.require(view, claim);
    await merging.accept(request, merged, signal);
  };

  const judge = async (
    view: RunView,
    claim: MergeClaim,
    request: MergeRequest,
    merged: Merged,
    signal: AbortSignal,
  ): Promise<Settlement> => {
    const { attemptId } = claim.submission;
    const settled = { attemptId, claim: claim.id };
    const done = merged.sameFiles ? await passedBefore(request, attemptId, signal) : null;
    if (done !== null) {
      await accept(view, claim, request, merged, signal);
      return { ...settled, kind: 'complete', commit: merged.commit, checks: done, checkedBy: 'attempt' };
    }
    const sandbox = await dependencies.sandboxOf(view.configuration?.sandbox ?? 'required');
    const checks = await runChecks(dependencies, merged.worktree, sandbox, signal);
    const broken = checks.filter(({ outcome }) => outcome === 'failed');
    if (broken.length === 0) {
      await accept(view, claim, request, merged, signal);
      return { ...settled, kind: 'complete', commit: merged.commit, checks, checkedBy: 'merge' };
    }
    await merging.reject(request, merged, signal);
    const said = broken.map(({ name, output }) => `${name}: ${output?.preview.trim() ?? ''}`).join('; ');
    const problem = {
      code: 'CHECKS_FAILED_AFTER_MERGE',
      message: `Together with the run’s branch, checks fail. ${said}`,
    };
    return { ...settled, kind: 'reject', checks, problem };
  };

  const requestOf = async (
    view: RunView,
    submission: Submission,
    signal: AbortSignal,
  ): Promise<MergeRequest> => {
    const { runId, projectId, configuration } = view;
    const task = view.tasks.get(submission.taskId)?.definition;
    if (!configuration?.repository || configuration.branch === null || !task) {
      throw new PartituraError(
        'RUN_INCOMPLETE',
        `Run ${runId} has no branch to merge ${submission.branch} into.`,
      );
    }
    const repository = await workspaces.openProjectRepository(
      projectId,
      configuration.repository.url,
      signal,
    );
    const { branch: runBranch } = configuration;
    const { baseBranch } = configuration.repository;
    // A fork may have nothing left to do but this.
    if (view.startingCommit !== null)
      await workspaces.createRunBranch(
        repository,
        { runBranch, baseBranch, commit: view.startingCommit },
        signal,
      );
    return {
      repository,
      runId,
      runBranch,
      branch: submission.branch,
      commit: submission.commit,
      message: mergeMessage(runId, submission, task),
      identity: dependencies.identity,
    };
  };

  return async (view, claim, signal) => {
    const request = await requestOf(view, claim.submission, signal);
    const settled = { attemptId: claim.submission.attemptId, claim: claim.id };
    const merge = await merging.mergeBranch(request, signal);
    switch (merge.outcome) {
      case 'conflicted':
        return { ...settled, kind: 'conflict', files: merge.files };
      case 'already_merged':
        // The checks passed before it moved the run's branch; who ran them crashed before it could say so.
        return { ...settled, kind: 'complete', commit: merge.commit, checks: [], checkedBy: 'merge' };
      case 'merged':
        return judge(view, claim, request, merge, signal);
    }
  };
};
