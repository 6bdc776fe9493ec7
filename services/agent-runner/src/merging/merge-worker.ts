import type { EventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  type CheckResult,
  type MergeEvent,
  streamName,
} from '@partitura/shared/events';
import type { Delivery, JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import type { CommandHandler } from '@partitura/shared/processing';
import type { CommitIdentity } from '@partitura/shared/repositories';
import { type Clock, type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { Contents } from '../agents/contents.ts';
import type { AttemptJob } from '../attempts/assignments.ts';
import type { ProjectChecks } from '../checks/index.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import { checksPassedOn } from './checks-passed.ts';
import type { BranchMerge, BranchMerging, MergeRequest } from './git-merge-port.ts';
import { mergeMessage } from './merge-message.ts';
import type { MergeCommand, MergeQueue, Settlement, Submission } from './queue.ts';
import { turns } from './turns.ts';

export const mergesQueue = 'merges';

export interface MergeWorkerDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly contents: Contents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly views: RunViews;
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
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

/**
 * Merges finished branches into their run's branch, each with the project's own checks after it. Whatever crashes in between is
 * done again: git says what is merged already, the stream says what is settled.
 */
export const mergeWorker = (dependencies: MergeWorkerDependencies): Component => {
  const { store, queue, contents, clock, logger, views, merges, merging, workspaces } = dependencies;
  const inTurn = turns(dependencies.concurrency);
  let running: RunningWorker | null = null;

  const settle = async (view: RunView, command: Settlement): Promise<void> => {
    await merges.handle(streamName('merge', view.runId), {
      command,
      commandId: `merge:${command.attemptId}:${command.kind}`,
      at: clock.now(),
      metadata: {
        source: '/agent-runner',
        actor: 'service:agent-runner',
        correlationId: view.runId,
        causationId: null,
        projectId: asProjectId(view.projectId),
        runId: asRunId(view.runId),
      },
    });
  };

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

  const judge = async (
    view: RunView,
    request: MergeRequest,
    merged: Merged,
    attemptId: string,
    signal: AbortSignal,
  ) => {
    const done = merged.sameFiles ? await passedBefore(request, attemptId, signal) : null;
    if (done !== null) {
      await merging.accept(request, merged, signal);
      return {
        kind: 'complete',
        attemptId,
        commit: merged.commit,
        checks: done,
        checkedBy: 'attempt',
      } as const;
    }
    const checks = await check(view, merged.worktree, signal);
    const broken = checks.filter(({ outcome }) => outcome === 'failed');
    if (broken.length === 0) {
      await merging.accept(request, merged, signal);
      return { kind: 'complete', attemptId, commit: merged.commit, checks, checkedBy: 'merge' } as const;
    }
    await merging.reject(request, merged, signal);
    const said = broken.map(({ name, output }) => `${name}: ${output?.preview.trim() ?? ''}`).join('; ');
    const problem = {
      code: 'CHECKS_FAILED_AFTER_MERGE',
      message: `Together with the run’s branch, checks fail. ${said}`,
    };
    return { kind: 'reject', attemptId, checks, problem } as const;
  };

  const mergeOnce = async (
    view: RunView,
    submission: Submission,
    signal: AbortSignal,
  ): Promise<Settlement> => {
    const request = await requestOf(view, submission, signal);
    const { attemptId } = submission;
    const merge = await merging.mergeBranch(request, signal);
    switch (merge.outcome) {
      case 'conflicted':
        return { kind: 'conflict', attemptId, files: merge.files };
      case 'already_merged':
        // The checks passed before it moved the run's branch; who ran them crashed before it could say so.
        return { kind: 'complete', attemptId, commit: merge.commit, checks: [], checkedBy: 'merge' };
      case 'merged':
        return judge(view, request, merge, attemptId, signal);
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
    return {
      repository,
      runId,
      runBranch: configuration.branch,
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
      const worktree = await workspaces.openWorktree(repository, { attemptId, branch, from: branch }, signal);
      await workspaces.removeWorktree(worktree, signal);
      const resolved = view.tasks.get(taskId)?.conflict?.branch;
      const merged = resolved === undefined ? [branch] : [branch, resolved];
      await workspaces.removeMergedBranches(repository, merged, runBranch, signal);
    } catch (error) {
      logger.warn({ attemptId, error }, 'The work tree of a merged branch was left where it is.');
    } finally {
      workspaces.releaseWorktree(attemptId);
    }
  };

  const handle = async ({ payload, signal }: Delivery<AttemptJob>): Promise<void> => {
    const { runId, attemptId, taskId } = payload;
    const merged = await inTurn(runId, async () => {
      signal.throwIfAborted();
      const { state } = await merges.read(streamName('merge', runId));
      const submission = state.waiting.get(attemptId);
      if (!submission) return null;
      const view = await views.load(runId, ({ tasks }) => tasks.has(taskId));
      if (view.status === 'cancelled' || view.status === 'ended') return null;
      const outcome = await mergeOnce(view, submission, signal);
      await settle(view, outcome);
      return outcome.kind === 'complete' ? { view, submission } : null;
    });
    // The next branch need not wait for that.
    if (merged !== null) await clear(merged.view, merged.submission, signal);
  };

  const giveUp = async ({ payload }: Delivery<AttemptJob>, error: unknown): Promise<void> => {
    const { runId, attemptId } = payload;
    logger.error({ runId, attemptId, error }, 'A branch could not be merged.');
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof PartituraError ? error.code : 'MERGE_FAILED';
    await settle(await views.load(runId), {
      kind: 'reject',
      attemptId,
      checks: [],
      problem: { code, message },
    });
  };

  return {
    name: 'agent-runner.merges',
    start: async () => {
      running = await queue.work<AttemptJob>({
        queue: mergesQueue,
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
