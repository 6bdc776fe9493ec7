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

/** Runs that have begun and not ended, found by their first and last events: a store serves those by type without reading the rest. */
export const liveRuns = async (store: EventStore): Promise<readonly string[]> => {
  const live = new Set<string>();
  for await (const { events } of store.readAll({
    filter: { categories: ['run'], types: ['run.created', 'run.resumed', ...endings] },
  })) {
    for (const { type, stream } of events) {
      const runId = stream.slice('run-'.length);
      if (endings.includes(type)) live.delete(runId);
      else live.add(runId);
    }
  }
  return [...live];
};
