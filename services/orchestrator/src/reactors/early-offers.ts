import type { RunEvent } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Logger } from '@partitura/shared/runtime';
import type { Run } from '../runs/state.ts';
import { type Attempted, enqueueAttempts } from './outstanding.ts';
import { isAtWork } from './still-to-be-made.ts';

/**
 * Puts attempts on the queue in the moment in which their scheduling is durable. The reaction to `task.scheduled` does the same when
 * the event has come around, by relay and Kafka: that took a median of 77 to 113 ms on a busy machine, which every task waited
 * for. Done twice it is harmless, and what fails here is done there.
 */
export interface EarlyOffers {
  /** What a decision on the run recorded; the run as it is now, null when that is not known. */
  offer(runId: string, recorded: readonly RunEvent[], run: Run | null): void;
  /** Whether the attempt is on the queue by now, or was. */
  wasOffered(attemptId: string): boolean;
}

/** More than are ever between their scheduling and its coming around; forgetting one costs one vain offer. */
const remembered = 20_000;

export const earlyOffers = (queue: JobQueue, logger: Logger): EarlyOffers => {
  /** In the order of their offering. */
  const offered = new Set<string>();

  const remember = (attempts: readonly Attempted[]): void => {
    for (const { attemptId } of attempts) offered.add(attemptId);
    for (const oldest of offered) {
      if (offered.size <= remembered) return;
      offered.delete(oldest);
    }
  };

  return {
    offer: (runId, recorded, run) => {
      const attempts = recorded.flatMap((event) =>
        event.type === 'task.scheduled' && run !== null && isAtWork(run, event.data) ? [event.data] : [],
      );
      if (attempts.length === 0) return;
      enqueueAttempts(queue, runId, attempts).then(
        () => remember(attempts),
        (error: unknown) => logger.debug({ error, runId }, 'attempts are offered when their events come'),
      );
    },
    wasOffered: (attemptId) => offered.has(attemptId),
  };
};
