import type { Problem } from '@partitura/shared/events';
import type { Delivery, JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import { type Component, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { AttemptJob } from '../attempts/assignments.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import { serialised } from '../workspaces/serialised.ts';
import { clearMerged } from './clear-merged.ts';
import { type JudgeDependencies, mergeJudge } from './judge-merge.ts';
import { isTakenOver, type MergeClaim, type MergeClaims } from './merge-claims.ts';
import type { Settlement } from './queue.ts';
import { seats } from './seats.ts';
import type { Turns } from './turns.ts';

export const mergesQueue = 'merges';

export interface MergeWorkerDependencies extends JudgeDependencies {
  readonly queue: JobQueue;
  readonly logger: Logger;
  readonly views: RunViews;
  readonly claims: MergeClaims;
  readonly turns: Turns;
  /** Runs that are merged into at the same time; of one run always one branch after the other. */
  readonly concurrency: number;
}

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
  const { queue, logger, views, claims, turns } = dependencies;
  const judge = mergeJudge(dependencies);
  const seated = seats(dependencies.concurrency);
  /** One that was fenced may still wind down in the work tree that the next one needs. */
  const oneAtATime = serialised();
  let running: RunningWorker | null = null;

  /** What came of it; null when it is another runner's now. */
  const mergeClaimed = async (
    view: RunView,
    claim: MergeClaim,
    signal: AbortSignal,
  ): Promise<Settlement | null> => {
    try {
      const settlement = await judge(view, claim, signal);
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
    if (settlement?.kind === 'complete') await clearMerged(dependencies, view, claim.submission, signal);
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
