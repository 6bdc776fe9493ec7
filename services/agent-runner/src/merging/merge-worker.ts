import type { EventStore } from '@partitura/shared/event-store';
import type { CheckResult, Problem } from '@partitura/shared/events';
import type { Delivery, JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import type { CommitIdentity } from '@partitura/shared/repositories';
import { type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { Contents } from '../agents/contents.ts';
import type { AttemptJob } from '../attempts/assignments.ts';
import type { ProjectChecks } from '../checks/index.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import { serialised } from '../workspaces/serialised.ts';
import { checksPassedOn } from './checks-passed.ts';
import type { BranchMerge, BranchMerging, MergeRequest } from './git-merge-port.ts';
import { isTakenOver, type MergeClaim, type MergeClaims } from './merge-claims.ts';
import { mergeMessage } from './merge-message.ts';
import type { Settlement, Submission } from './queue.ts';
import { seats } from './seats.ts';
import type { Turns } from './turns.ts';

export const mergesQueue = 'merges';

export interface MergeWorkerDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly contents: Contents;
  readonly logger: Logger;
  readonly views: RunViews;
  readonly claims: MergeClaims;
  readonly turns: Turns;
  readonly workspaces: Workspaces;
  readonly merging: BranchMerging;
  readonly checks: ProjectChecks;
  readonly checkTimeoutMs: number;
  readonly identity: CommitIdentity;
  readonly sandboxOf: (mode: 'required' | 'off') => Promise<Sandbox | null>;
  /** Runs that are merged into at the same time; of one run always one branch after the other. */
  readonly concurrency: number;
}

type Merged = Extract<BranchMerge, { outcome: 'merged' }>;

// Git and the repository's host may be away for a while; a branch that is finished must not be lost to that.
const retry = { maxDeliveries: 20, backoffMs: 1_000, maxBackoffMs: 60_000 };
const jobsAtOnce = 10_000;
/** A killed runner's merge is with another one after this long. */
const lockMs = 10_000;

/**
 * Merges finished branches into their run's branch, each with the project's own checks after it. Whatever crashes in between is
 * done again: git says what is merged already, the stream says what is settled.
 */
export const mergeWorker = (dependencies: MergeWorkerDependencies): Component => {
  const { store, queue, contents, logger, views, claims, turns, merging, workspaces } = dependencies;
  const seated = seats(dependencies.concurrency);
  /** One that was fenced may still wind down in the work tree that the next one needs. */
  const oneAtATime = serialised();
  let running: RunningWorker | null = null;

  const check = async (view: RunView, worktree: Worktree, signal: AbortSignal): Promise<CheckResult[]> => {
    const sandbox = await dependencies.sandboxOf(view.configuration?.sandbox ?? 'required');
    const where = {
      path: worktree.path,
      gitDirectory: worktree.gitDirectory,
      repositoryPath: worktree.repository.path,
    };
    const { checkTimeoutMs: timeoutMs } = dependencies;
    const outcomes = await dependencies.checks.run(where, sandbox, { timeoutMs, signal });
    return Promise.all(
      outcomes.map(async (one) => ({ ...one, output: await contents.keepOutput(one.output) })),
    );
  };

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
    const checks = await check(view, merged.worktree, signal);
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

  const mergeOnce = async (view: RunView, claim: MergeClaim, signal: AbortSignal): Promise<Settlement> => {
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

  /**
   * What is merged is nowhere else to be worked on: its work tree goes, and its branch at the project's repository, which is
   * its owner's to keep tidy. What has anything of its own stays; whoever cleans up later sees it.
   */
  const clear = async (
    view: RunView,
    { attemptId, taskId, branch }: Submission,
    signal: AbortSignal,
  ): Promise<void> => {
    const url = view.configuration?.repository?.url;
    const runBranch = view.configuration?.branch ?? null;
    if (url === undefined || runBranch === null) return;
    try {
      const repository = await workspaces.openProjectRepository(view.projectId, url, signal);
      // The attempt may have been worked on another machine, which clears its own.
      if (await workspaces.hasWorktree(attemptId)) {
        const worktree = await workspaces.openWorktree(
          repository,
          { attemptId, branch, from: branch },
          signal,
        );
        await workspaces.removeWorktree(worktree, signal);
      }
      const resolved = view.tasks.get(taskId)?.conflict?.branch;
      const merged = resolved === undefined ? [branch] : [branch, resolved];
      await workspaces.removeMergedBranches(repository, merged, runBranch, signal);
    } catch (error) {
      logger.warn({ attemptId, error }, 'The work tree of a merged branch was left where it is.');
    } finally {
      workspaces.releaseWorktree(attemptId);
    }
  };

  /** What came of it; null when it is another runner's now. */
  const mergeClaimed = async (
    view: RunView,
    claim: MergeClaim,
    signal: AbortSignal,
  ): Promise<Settlement | null> => {
    try {
      const settlement = await mergeOnce(view, claim, signal);
      await claims.settle(view, settlement);
      return settlement;
    } catch (error) {
      if (isTakenOver(error)) return null;
      // It is tried again, perhaps much later; the other branches of the run need not wait for that.
      await claims.interrupt(view, claim, problemOf(error)).catch((failure: unknown) => {
        logger.warn({ error: failure }, 'That a merge was interrupted was not recorded.');
      });
      throw error;
    } finally {
      turns.changed(view.runId);
    }
  };

  /** Waits for the end of the merge that another branch of the run is at, unless it is its turn. */
  const takeOrWait = async (view: RunView, attemptId: string, signal: AbortSignal) => {
    const turn = turns.next(view.runId);
    try {
      const claim = await claims.take(view, attemptId);
      if (claim === 'busy') await turn.wait(signal);
      return claim;
    } finally {
      turn.leave();
    }
  };

  /** The claim, as soon as no other branch of the run is being merged; null when there is nothing to merge any more. */
  const claimed = async (
    view: RunView,
    attemptId: string,
    signal: AbortSignal,
  ): Promise<MergeClaim | null> => {
    while (view.status === 'running' || view.status === 'paused') {
      signal.throwIfAborted();
      const claim = await takeOrWait(view, attemptId, signal);
      if (claim !== 'busy') return claim === 'over' ? null : claim;
    }
    return null;
  };

  const handle = async ({ payload, signal }: Delivery<AttemptJob>): Promise<void> => {
    const { runId, attemptId, taskId } = payload;
    const view = await views.load(runId, ({ tasks }) => tasks.has(taskId));
    const claim = await claimed(view, attemptId, signal);
    if (claim === null) return;
    const settlement = await oneAtATime(runId, () => seated(() => mergeClaimed(view, claim, signal)));
    // The next branch need not wait for that.
    if (settlement?.kind === 'complete') await clear(view, claim.submission, signal);
  };

  const giveUp = async ({ payload }: Delivery<AttemptJob>, error: unknown): Promise<void> => {
    const { runId, attemptId } = payload;
    logger.error({ runId, attemptId, error }, 'A branch could not be merged.');
    const problem = problemOf(error);
    const view = await views.load(runId);
    await claims
      .settle(view, { kind: 'reject', attemptId, claim: null, checks: [], problem })
      .catch((failure: unknown) => {
        if (!isTakenOver(failure)) throw failure;
      });
    turns.changed(runId);
  };

  return {
    name: 'agent-runner.merges',
    start: async () => {
      running = await queue.work<AttemptJob>({
        queue: mergesQueue,
        lockMs,
        // Jobs of one run wait for each other here; the ones of other runs must not wait behind them.
        concurrency: jobsAtOnce,
        retry,
        handle,
        onGivenUp: (delivery, error) => {
          giveUp(delivery, error).catch((failure: unknown) => {
            logger.error(
              { error: failure, job: delivery.id },
              'That a branch could not be merged was not recorded.',
            );
          });
        },
      });
    },
    stop: async (graceMs) => running?.close(graceMs),
  };
};

const problemOf = (error: unknown): Problem => ({
  code: error instanceof PartituraError ? error.code : 'MERGE_FAILED',
  message: error instanceof Error ? error.message : String(error),
});
