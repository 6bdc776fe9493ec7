import { asRunId } from '@partitura/shared/events';
import type { Delivery, RunningWorker } from '@partitura/shared/job-queue';
import { type RecordedCalls, recordedCalls } from '@partitura/shared/models';
import { type Component, PartituraError, withCorrelation } from '@partitura/shared/runtime';
import { z } from 'zod';
import type { PlannerDependencies } from './dependencies.ts';
import { giveUp } from './phase/give-up.ts';
import { planPhase } from './phase/plan-phase.ts';
import type { PlanJob } from './phase/planning.ts';

export const planQueue = 'plan';

const payload = z.strictObject({ runId: z.string(), phase: z.string(), visit: z.int().positive() });

const jobOf = (value: unknown): PlanJob => {
  const { runId, ...phase } = payload.parse(value);
  return { runId: asRunId(runId), ...phase };
};

/** Planning mostly waits for models: many at once cost little. */
const concurrency = 64;
/** A killed planner's phase is with another one after this long. */
const lockMs = 10_000;
const retry = { maxDeliveries: 5, backoffMs: 1_000, maxBackoffMs: 30_000 };

/** Takes the phases that are to be planned off the queue. */
export const planWorker = (dependencies: PlannerDependencies): Component => {
  const { queue, blobs, clock, redactor, logger } = dependencies;
  const calls: RecordedCalls = recordedCalls({ blobs, clock, redact: redactor.redactText });
  let worker: RunningWorker | null = null;
  let stopping = new AbortController();

  const handle = async ({ payload: value, signal }: Delivery): Promise<void> => {
    const job = jobOf(value);
    const signals = { signal, stopping: AbortSignal.any([signal, stopping.signal]) };
    await withCorrelation({ runId: job.runId, correlationId: job.runId }, () =>
      planPhase(dependencies, calls, job, signals),
    );
  };

  const onGivenUp = ({ payload: value, id }: Delivery, error: unknown): void => {
    logger.error({ error, job: id }, 'Planning was given up.');
    if (stopping.signal.aborted) return;
    void giveUp(dependencies, jobOf(value), error).catch((failure: unknown) =>
      logger.error({ error: failure, job: id }, 'That planning was given up cannot be recorded.'),
    );
  };

  return {
    name: 'plan-worker',
    start: async () => {
      stopping = new AbortController();
      worker = await queue.work({ queue: planQueue, concurrency, lockMs, retry, handle, onGivenUp });
    },
    stop: async (graceMs) => {
      // A call under way has the grace to end. Who waits (for a rate limit, a budget, a resume) has nothing in hand; after a restart the job is there again.
      const closing = worker?.close(graceMs);
      stopping.abort(
        new PartituraError(
          'PLANNER_STOPPED',
          'The planner was stopped; its work goes on after the next start.',
        ),
      );
      await closing;
      worker = null;
    },
  };
};
