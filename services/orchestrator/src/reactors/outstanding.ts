import type { EventStore } from '@partitura/shared/event-store';
import type { JobQueue } from '@partitura/shared/job-queue';
import { phaseOf } from '../runs/routing.ts';
import type { Run } from '../runs/state.ts';

export const planQueue = 'plan';
export const attemptQueue = 'attempts';

export const enqueuePlanning = (
  queue: JobQueue,
  runId: string,
  phase: string,
  visit: number,
): Promise<void> =>
  queue.enqueue(planQueue, [{ id: `${runId}.${phase}.${visit}`, payload: { runId, phase, visit } }]);

export const enqueueAttempts = (
  queue: JobQueue,
  runId: string,
  attempts: readonly { taskId: string; attemptId: string }[],
): Promise<void> =>
  queue.enqueue(
    attemptQueue,
    attempts.map(({ taskId, attemptId }) => ({ id: attemptId, payload: { runId, taskId, attemptId } })),
  );

/** Puts everything that a run waits for on the queue, again where it was there before: the job's id keeps it from being done twice. */
export const enqueueOutstanding = async (queue: JobQueue, run: Run): Promise<void> => {
  if (run.status !== 'running') return;
  const { phase } = run;
  const act = phase === null ? undefined : phaseOf(run, phase.id)?.act.kind;
  if (phase !== null && !phase.planned && !phase.interrupted && (act === 'architecture' || act === 'plan')) {
    await enqueuePlanning(queue, run.id, phase.id, phase.visit);
  }
  const attempts = [...run.tasks.values()].flatMap(({ id, status }) =>
    status.kind === 'active' ? [{ taskId: id, attemptId: status.attempt.id }] : [],
  );
  await enqueueAttempts(queue, run.id, attempts);
};

const endings = ['run.completed', 'run.failed', 'run.cancelled', 'run.stopped'];

const beginnings = ['run.created', 'run.resumed'];

/** Runs of which the last word of these is a beginning. A store finds those by type, without reading the rest. */
const runsBut = async (store: EventStore, atRest: readonly string[]): Promise<readonly string[]> => {
  const runs = new Set<string>();
  for await (const { events } of store.readAll({
    filter: { categories: ['run'], types: [...beginnings, ...atRest] },
  })) {
    for (const { type, stream } of events) {
      const runId = stream.slice('run-'.length);
      if (atRest.includes(type)) runs.delete(runId);
      else runs.add(runId);
    }
  }
  return [...runs];
};

/** Runs that have begun and not ended, paused ones too. */
export const liveRuns = (store: EventStore): Promise<readonly string[]> => runsBut(store, endings);

/** Runs that go on as soon as somebody works. */
export const runsAtWork = (store: EventStore): Promise<readonly string[]> =>
  runsBut(store, [...endings, 'run.paused']);
