import { importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import {
  beginning,
  isFact,
  type MergeEvent,
  type RecordedAs,
  type RecordedEvent,
  type RunEvent,
  streamName,
} from '@partitura/shared/events';
import { type Forked, isForked, originIn, pastOf } from '@partitura/shared/forking';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Clock, Component, HealthCheck, Logger } from '@partitura/shared/runtime';
import type { AttemptJob } from '../attempts/assignments.ts';
import { mergesQueue } from './merge-worker.ts';

export interface MergeSweepDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 10 s. */
  readonly everyMs?: number;
}

export interface MergeSweep extends Component {
  readonly health: HealthCheck;
}

/** Putting an id on the queue that waits there, or is at work, changes nothing. */
export const enqueue = (queue: JobQueue, jobs: readonly AttemptJob[]): Promise<void> =>
  queue.enqueue(
    mergesQueue,
    jobs.map((job) => ({ id: job.attemptId, payload: job })),
  );

interface RunsMerges {
  readonly waiting: Map<string, { readonly job: AttemptJob; readonly since: number }>;
  over: boolean;
}

const mergeTypes = [
  'merge.queued',
  'merge.completed',
  'merge.conflicted',
  'merge.rejected',
] as const satisfies readonly MergeEvent['type'][];
type OfQueue = RecordedAs<(typeof mergeTypes)[number]>;
const isOfQueue = isFact(...mergeTypes);
const runTypes = [
  'run.forked',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.stopped',
  'run.resumed',
] as const satisfies readonly RunEvent['type'][];

/** What waits to be merged, by run, as far as the log was read. */
const waitingMerges = () => {
  const runs = new Map<string, RunsMerges>();

  const merge = (runId: string, { type, data }: OfQueue, time: number): void => {
    const run = runs.get(runId) ?? { waiting: new Map(), over: false };
    const { taskId, attemptId } = data;
    if (type === 'merge.queued')
      run.waiting.set(attemptId, { job: { runId, taskId, attemptId }, since: time });
    else run.waiting.delete(attemptId);
    if (run.waiting.size > 0) runs.set(runId, run);
    else runs.delete(runId);
  };

  return {
    take: (event: RecordedEvent): void => {
      const dash = event.stream.indexOf('-');
      const runId = event.stream.slice(dash + 1);
      if (isOfQueue(event)) merge(runId, event, Date.parse(event.time));
      else {
        const run = runs.get(runId);
        if (run) run.over = event.type !== 'run.resumed';
      }
    },
    /** Of runs that go on. */
    since: (time: number): AttemptJob[] =>
      [...runs.values()]
        .filter(({ over }) => !over)
        .flatMap(({ waiting }) => [...waiting.values()].filter(({ since }) => since <= time))
        .map(({ job }) => job),
  };
};

/** What was queued a moment ago is on its way by itself. */
const freshMs = 3_000;

/**
 * The queue forgets, at its restart or when somebody empties it; the log does not. What waits to be merged is put on the queue
 * again, at the start and then every few seconds. Only what is new in the log is read.
 */
export const mergeSweep = (dependencies: MergeSweepDependencies): MergeSweep => {
  const { store, queue, clock, logger, everyMs = 10_000 } = dependencies;
  const stopping = new AbortController();
  const merges = waitingMerges();
  const history = importedHistory(store);
  let position = beginning;
  let trouble: string | null = null;
  let sweeping: Promise<void> = Promise.resolve();

  /** What was queued by then: nobody queues it again. */
  const inherit = async (forked: Forked): Promise<void> => {
    const origin = originIn(forked);
    for await (const page of pastOf(store, streamName('merge', origin.runId), origin))
      for (const event of page) if (isOfQueue(event)) merges.take(event);
  };

  const sweep = async (queuedBy: number): Promise<void> => {
    const filter = { categories: ['merge', 'run'] as const, types: [...mergeTypes, ...runTypes] };
    for await (const page of store.readAll({ after: position, filter })) {
      for (const event of await history.withoutImported(page.events)) {
        if (isForked(event)) await inherit(event);
        else merges.take(event);
      }
      position = page.position;
    }
    const waiting = merges.since(queuedBy);
    if (waiting.length > 0) await enqueue(queue, waiting);
  };

  const untilStopped = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, stopping.signal);
      await sweep(clock.now() - freshMs).then(
        () => {
          trouble = null;
        },
        (error: unknown) => {
          trouble = `branches that wait are not put on the queue again: ${error instanceof Error ? error.message : String(error)}`;
          logger.warn({ error }, 'Branches that wait to be merged were not put on the queue again.');
        },
      );
    }
  };

  return {
    name: 'agent-runner.merge-sweep',
    start: async () => {
      await sweep(Number.POSITIVE_INFINITY);
      sweeping = untilStopped().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    },
    stop: async () => {
      stopping.abort();
      await sweeping;
    },
    health: { name: 'agent-runner.merge-sweep', check: async () => trouble },
  };
};
