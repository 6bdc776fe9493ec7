import { importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import type { Job, JobQueue } from '@partitura/shared/job-queue';
import { outlineOf, type RunOutline } from '../runs/outline.ts';
import type { Run } from '../runs/state.ts';

export const planQueue = 'plan';
export const attemptQueue = 'attempts';

export interface Attempted {
  readonly taskId: string;
  readonly attemptId: string;
}

export const enqueuePlanning = (
  queue: JobQueue,
  runId: string,
  phase: string,
  visit: number,
): Promise<void> => queue.enqueue(planQueue, [planningJob(runId, { phase, visit })]);

export const enqueueAttempts = async (
  queue: JobQueue,
  runId: string,
  attempts: readonly Attempted[],
): Promise<void> => {
  if (attempts.length > 0)
    await queue.enqueue(
      attemptQueue,
      attempts.map((attempt) => attemptJob(runId, attempt)),
    );
};

const planningJob = (runId: string, { phase, visit }: { phase: string; visit: number }): Job => ({
  id: `${runId}.${phase}.${visit}`,
  payload: { runId, phase, visit },
});

const attemptJob = (runId: string, { taskId, attemptId }: Attempted): Job => ({
  id: attemptId,
  payload: { runId, taskId, attemptId },
});

/** Jobs by their queue. */
export interface Outstanding {
  readonly [planQueue]: readonly Job[];
  readonly [attemptQueue]: readonly Job[];
}

export const outstandingQueues = [planQueue, attemptQueue] as const;

/** Everything that a run waits for. Nobody begins anything in a run that is paused. */
export const outstandingOf = (runId: string, { status, planning, attempts }: RunOutline): Outstanding =>
  status === 'running'
    ? {
        [planQueue]: planning === null ? [] : [planningJob(runId, planning)],
        [attemptQueue]: [...attempts].map(([taskId, attemptId]) => attemptJob(runId, { taskId, attemptId })),
      }
    : { [planQueue]: [], [attemptQueue]: [] };

export const enqueueAll = async (queue: JobQueue, outstanding: Outstanding): Promise<void> => {
  for (const name of outstandingQueues)
    if (outstanding[name].length > 0) await queue.enqueue(name, outstanding[name]);
};

/** Puts everything that a run waits for on the queue, again where it was there before: the job's id keeps it from being done twice. */
export const enqueueOutstanding = (queue: JobQueue, run: Run): Promise<void> =>
  enqueueAll(queue, outstandingOf(run.id, outlineOf(run, 0)));

const endings: readonly string[] = ['run.completed', 'run.failed', 'run.cancelled', 'run.stopped'];
const beginnings: readonly string[] = ['run.created', 'run.resumed'];

export const isEnding = (type: string): boolean => endings.includes(type);

/** What says which runs are live. A store finds those by type, without reading the rest. */
export const beginningsAndEndings = {
  categories: ['run' as const],
  types: [...beginnings, ...endings],
};

/** Runs that go on as soon as somebody works. */
export const runsAtWork = async (store: EventStore): Promise<readonly string[]> => {
  const runs = new Set<string>();
  const history = importedHistory(store);
  const { categories, types } = beginningsAndEndings;
  for await (const { events } of store.readAll({ filter: { categories, types: [...types, 'run.paused'] } })) {
    for (const { type, stream } of await history.withoutImported(events)) {
      const runId = stream.slice('run-'.length);
      if (isEnding(type) || type === 'run.paused') runs.delete(runId);
      else runs.add(runId);
    }
  }
  return [...runs];
};
