import type { Run } from './state.ts';
import type { Timer } from './timers.ts';

/** True when there is nothing left to do about it, now and for ever. */
export const isOver = (run: Run, timer: Timer): boolean => {
  switch (timer.kind) {
    case 'retry': {
      const status = run.tasks.get(timer.taskId)?.status;
      return status?.kind !== 'backing_off' || status.until !== timer.at;
    }
    case 'deadline':
      return !run.ledger.held.has(timer.attemptId);
    case 'approval':
      return !run.approvals.has(timer.approvalId);
  }
};

export const nextTimer = (run: Run): Timer | null => run.timers.next((timer) => isOver(run, timer));

/** Whether the run's time is up. It counts while the run is paused too, and ends it when it would go on. */
export const isOutOfTime = (run: Run, now: number): boolean =>
  run.status === 'running' && run.wallDeadlineAt !== null && run.wallDeadlineAt <= now;

/** When the run has to be looked at next, in milliseconds since the epoch; null when time changes nothing. */
export const nextDue = (run: Run): number | null => {
  const timer = nextTimer(run)?.at ?? Number.POSITIVE_INFINITY;
  const wall = run.status === 'running' ? (run.wallDeadlineAt ?? Number.POSITIVE_INFINITY) : timer;
  const soonest = Math.min(timer, wall);
  return soonest === Number.POSITIVE_INFINITY ? null : soonest;
};
