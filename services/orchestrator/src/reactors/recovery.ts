import type { EventStore } from '@partitura/shared/event-store';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Component, Logger } from '@partitura/shared/runtime';
import type { RunHandler } from '../runs/run-handler.ts';
import type { Run } from '../runs/state.ts';
import { enqueueOutstanding, liveRuns } from './outstanding.ts';

export interface RecoveryDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly runs: RunHandler;
  readonly logger: Logger;
  /** Sets a run's timers. */
  readonly watch: (run: Run) => void;
}

/** Once at the start: every run that was going on goes on, whatever the queue still knew of it, and its timers are set again. */
export const recovery = ({ store, queue, runs, logger, watch }: RecoveryDependencies): Component => ({
  name: 'recovery',
  start: async () => {
    for (const runId of await liveRuns(store)) {
      const { state: run } = await runs.read(runId);
      if (run === null) continue;
      watch(run);
      logger.info({ runId, status: run.status, active: run.active }, 'Taking a run up again.');
      await enqueueOutstanding(queue, run);
    }
  },
  stop: async () => undefined,
});
