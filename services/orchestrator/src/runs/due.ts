import type { Run } from './state.ts';
import type { Timer } from './timers.ts';

/** True when there is nothing left to do about it. */
export const isOver = (run: Run, timer: Timer): boolean => {
  switch (timer.kind) {
    case 'retry': {
      const status = run.tasks.get(timer.taskId)?.status;
      return status?.kind !== 'backing_off' || status.until !== timer.at;
    }
    case 'deadline': {
      const status = run.tasks.get(timer.taskId)?.status;
      return status?.kind !== 'active' || status.attempt.id !== timer.attemptId;
    }
    case 'approval':
      return !run.approvals.has(timer.approvalId);
    case 'wall':
      return run.status !== 'running';
  }
};

/** When the run has to be looked at next, in milliseconds since the epoch; null when time changes nothing. */
export const nextDue = (run: Run): number | null =>
  run.timers.next((timer) => isOver(run, timer))?.at ?? null;
