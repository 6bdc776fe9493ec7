import type { JobQueue } from '@partitura/shared/job-queue';
import type { RunHandler } from '../runs/run-handler.ts';
import type { Run } from '../runs/state.ts';
import type { EarlyOffers } from './early-offers.ts';
import { enqueueAttempts } from './outstanding.ts';
import type { Happened } from './reaction.ts';
import { isAtWork } from './still-to-be-made.ts';

interface Offering {
  readonly queue: JobQueue;
  readonly runs: RunHandler;
  readonly early: EarlyOffers;
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

/** Puts attempts on the queue that are still to be made and are not there yet: of a topic that comes again most are over. */
export const offerAttempts = async (
  runId: string,
  events: readonly Happened<'task.scheduled'>[],
  { queue, runs, early }: Offering,
): Promise<void> => {
  const attempts = events.map(({ data }) => data).filter(({ attemptId }) => !early.wasOffered(attemptId));
  if (attempts.length === 0) return;
  const run = await runAtHand(runId, events.at(-1)?.revision ?? 0, runs);
  await enqueueAttempts(queue, runId, run ? attempts.filter((one) => isAtWork(run, one)) : attempts);
};
