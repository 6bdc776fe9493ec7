import type { JobQueue } from '@partitura/shared/job-queue';
import type { RunHandler } from '../runs/run-handler.ts';
import type { Run } from '../runs/state.ts';
import { attemptOf } from '../runs/task.ts';
import { type Attempted, enqueueAttempts } from './outstanding.ts';
import type { Happened } from './reaction.ts';

interface Offering {
  readonly queue: JobQueue;
  readonly runs: RunHandler;
}

/**
 * The run, if it can be looked at without waiting for a decision on it: what is offered in vain is dropped by the runner, and what is
 * offered late costs every task its time.
 */
const runAtHand = async (runId: string, revision: number, runs: RunHandler): Promise<Run | null> => {
  if (!runs.knows(runId)) return (await runs.read(runId, { atLeast: revision })).state;
  const folded = runs.peek(runId);
  return folded && folded.revision >= revision ? folded.state : null;
};

const isAtWork = (run: Run, { taskId, attemptId }: Attempted): boolean => {
  const task = run.tasks.get(taskId as Parameters<Run['tasks']['get']>[0]);
  return task?.status.kind === 'active' && attemptOf(task, attemptId) !== null;
};

/** Puts attempts on the queue that are still to be made: of a topic that comes again most are over. */
export const offerAttempts = async (
  runId: string,
  events: readonly Happened<'task.scheduled'>[],
  { queue, runs }: Offering,
): Promise<void> => {
  const run = await runAtHand(runId, events.at(-1)?.revision ?? 0, runs);
  const attempts = events.map(({ data }) => data);
  await enqueueAttempts(queue, runId, run ? attempts.filter((one) => isAtWork(run, one)) : attempts);
};
