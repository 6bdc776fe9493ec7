import type { CheckResult, MergeEvent, Problem } from '@partitura/shared/events';
import { asProjectId, asRunId, streamName } from '@partitura/shared/events';
import type { Delivery, JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import type { CommandHandler } from '@partitura/shared/processing';
import { type Clock, type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import { type RunningChecks, runChecks } from '../checks/index.ts';
import type { MergeCommand, MergeQueue } from '../merging/queue.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import { type RecheckJob, rechecksQueue } from './recheck-requests.ts';

export interface RecheckDependencies extends RunningChecks {
  readonly queue: JobQueue;
  readonly views: RunViews;
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
  readonly workspaces: Workspaces;
  readonly sandboxOf: (mode: 'required' | 'off') => Promise<Sandbox | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Somebody waits for it; a repository that is away is not waited for as long as for work that would be lost. */
const retry = { maxDeliveries: 4, backoffMs: 1_000, maxBackoffMs: 10_000 };
const lockMs = 10_000;
/** Beside merges and agents, which bring runs on. */
const concurrency = 2;

/** Runs the project's checks on a commit in a work tree of its own, and says what came of it. Done again, it is said once. */
export const recheckWorker = (dependencies: RecheckDependencies): Component => {
  const { queue, views, merges, workspaces, clock, logger } = dependencies;
  let running: RunningWorker | null = null;

  const record = async (
    view: RunView,
    { taskId, requestId, commit }: RecheckJob,
    outcome: { readonly checks: readonly CheckResult[]; readonly problem: Problem | null },
  ): Promise<void> => {
    const { runId, projectId, owner } = view;
    const result = { taskId, requestId, commit, checks: [...outcome.checks], problem: outcome.problem };
    await merges.handle(streamName('merge', runId), {
      command: { kind: 'recheck', result },
      commandId: `${requestId}>recheck`,
      at: clock.now(),
      metadata: {
        source: '/agent-runner',
        actor: 'service:agent-runner',
        correlationId: runId,
        causationId: requestId,
        ...owner,
        projectId: asProjectId(projectId),
        runId: asRunId(runId),
      },
    });
  };

  const open = async (view: RunView, job: RecheckJob, signal: AbortSignal): Promise<Worktree> => {
    const url = view.configuration?.repository?.url;
    if (url === undefined) throw new PartituraError('RUN_INCOMPLETE', `Run ${view.runId} has no repository.`);
    const repository = await workspaces.openProjectRepository(view.projectId, url, signal);
    const attemptId = `${job.taskId}.${job.requestId}`;
    return workspaces.openWorktree(
      repository,
      { attemptId, branch: `partitura-check/${attemptId}`, from: job.commit, within: job.branch },
      signal,
    );
  };

  const check = async (view: RunView, worktree: Worktree, signal: AbortSignal): Promise<CheckResult[]> => {
    const sandbox = await dependencies.sandboxOf(view.configuration?.sandbox ?? 'required');
    return runChecks(dependencies, worktree, sandbox, signal);
  };

  /** What checks leave behind is nobody's work: the tree is as it was committed before it goes. */
  const leave = async (worktree: Worktree): Promise<void> => {
    const signal = AbortSignal.timeout(60_000);
    try {
      const { baseCommit } = worktree;
      const clean = await workspaces.restoreWorktree(worktree, { commit: baseCommit, baseCommit }, signal);
      await workspaces.discardWorktree(clean, signal);
    } catch (error) {
      logger.warn({ error, attemptId: worktree.attemptId }, 'A work tree of checks was left where it is.');
    } finally {
      workspaces.releaseWorktree(worktree.attemptId);
    }
  };

  const handle = async ({ payload, signal }: Delivery<RecheckJob>): Promise<void> => {
    const view = await views.load(payload.runId);
    const worktree = await open(view, payload, signal);
    try {
      await record(view, payload, { checks: await check(view, worktree, signal), problem: null });
    } finally {
      await leave(worktree);
    }
  };

  const giveUp = async ({ payload }: Delivery<RecheckJob>, error: unknown): Promise<void> => {
    const code = error instanceof PartituraError ? error.code : 'CHECKS_NOT_RUN';
    const message = error instanceof Error ? error.message : String(error);
    await record(await views.load(payload.runId), payload, { checks: [], problem: { code, message } });
  };

  return {
    name: 'agent-runner.rechecks',
    start: async () => {
      running = await queue.work<RecheckJob>({
        queue: rechecksQueue,
        lockMs,
        concurrency,
        retry,
        handle,
        onGivenUp: (delivery, error) => {
          giveUp(delivery, error).catch((failure: unknown) => {
            logger.error(
              { error: failure, job: delivery.id },
              'That checks could not be run was not recorded.',
            );
          });
        },
      });
    },
    stop: async (graceMs) => running?.close(graceMs),
  };
};
