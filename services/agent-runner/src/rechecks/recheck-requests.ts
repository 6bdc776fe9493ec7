import { type ImportedHistory, importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import { type RecordedEvent, runEvents } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Clock, Logger } from '@partitura/shared/runtime';
import { type Following, following } from '../runs/following.ts';

export const rechecksQueue = 'rechecks';

export interface RecheckJob {
  readonly runId: string;
  readonly taskId: string;
  readonly requestId: string;
  readonly branch: string;
  readonly commit: string;
}

const requested = 'task.checks_requested' as const;
const evaluated = 'gate.evaluated';

const jobOf = ({ stream, data }: RecordedEvent): RecheckJob => ({
  runId: stream.slice('run-'.length),
  ...runEvents[requested].schema.parse(data),
});

/** One that waits for each task, as the run itself has it: the answer is the gate's, in the run's stream. */
const unanswered = async (store: EventStore, history: ImportedHistory): Promise<readonly RecheckJob[]> => {
  const waiting = new Map<string, RecheckJob>();
  const filter = { categories: ['run'] as const, types: [requested, evaluated] };
  for await (const { events } of store.readAll({ filter })) {
    for (const event of await history.withoutImported(events)) {
      if (event.type === requested) {
        const job = jobOf(event);
        waiting.set(job.taskId, job);
      } else {
        const { subject } = runEvents[evaluated].schema.parse(event.data);
        waiting.delete(subject);
      }
    }
  }
  return [...waiting.values()];
};

/**
 * Puts on the queue what somebody wants checked again: as it is asked for, and at the start what was asked for and not answered. The
 * job is named by the request, so that any number of runners may do so.
 */
export const recheckRequests = (dependencies: {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}): Following => {
  const { store, queue } = dependencies;
  const history = importedHistory(store);
  const enqueue = (jobs: readonly RecheckJob[]): Promise<void> =>
    queue.enqueue(
      rechecksQueue,
      jobs.map((job) => ({ id: job.requestId, payload: job })),
    );
  const live = following(dependencies, {
    name: 'agent-runner.recheck-requests',
    filter: { categories: ['run'], types: [requested] },
    take: async (event) => enqueue((await history.withoutImported([event])).map(jobOf)),
  });
  return {
    ...live,
    start: async () => {
      // Followed first: what is asked for meanwhile is on the queue twice under one name, and not missed.
      await live.start();
      const jobs = await unanswered(store, history);
      if (jobs.length > 0) await enqueue(jobs);
    },
  };
};
