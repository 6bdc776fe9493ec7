import type { Clock } from '@partitura/shared/runtime';
import type { Assignment } from '../agents/assignment.ts';
import { type AttemptControl, attemptControl } from '../agents/control.ts';
import { deadlines } from '../agents/deadlines.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import { interruptionsOf } from './operators.ts';

/** What every attempt of this process hangs on. */
export interface AttemptTies {
  /** Ties an attempt to its run, its deadline and its job. */
  tie(
    view: RunView,
    assignment: Assignment,
    signal: AbortSignal,
  ): { readonly control: AttemptControl; readonly untie: () => void };
  /** Has all come to rest, those too that are tied from now on. */
  rest(): void;
}

export const attemptTies = (clock: Clock, views: RunViews): AttemptTies => {
  const expiries = deadlines(clock);
  const controls = new Set<AttemptControl>();
  let resting = false;

  return {
    tie: (view, assignment, signal) => {
      const deadline = Date.parse(view.attempts.get(assignment.attemptId)?.deadlineAt ?? '');
      const control = attemptControl(
        clock,
        expiries,
        Number.isNaN(deadline) ? Number.POSITIVE_INFINITY : deadline,
      );
      const look = () => obey(view, assignment, control);
      const unwatch = views.watch(assignment.runId, look);
      const shutDown = () => control.interrupt({ kind: 'shutdown' });
      signal.addEventListener('abort', shutDown, { once: true });
      if (signal.aborted) shutDown();
      look();
      controls.add(control);
      if (resting) control.rest();
      const untie = (): void => {
        controls.delete(control);
        unwatch();
        control.close();
        signal.removeEventListener('abort', shutDown);
      };
      return { control, untie };
    },
    rest: () => {
      resting = true;
      for (const control of controls) control.rest();
    },
  };
};

/** Why the run wants an attempt to end; null when it does not. */
export const reasonToEnd = (
  view: RunView,
  { taskId, attemptId }: Pick<Assignment, 'taskId' | 'attemptId'>,
): string | null => {
  const reason = view.cancelledTasks.get(taskId) ?? view.rejectedAttempts.get(attemptId);
  if (reason !== undefined) return reason;
  if (view.status !== 'cancelled' && view.status !== 'ended') return null;
  return view.statusDetail || 'The run is over.';
};

/** What the run says now: paused, over, or on. */
export const obey = (view: RunView, { taskId, attemptId }: Assignment, control: AttemptControl): void => {
  const reason = reasonToEnd(view, { taskId, attemptId });
  if (reason !== null) control.interrupt({ kind: 'cancelled', reason });
  else {
    for (const messageId of interruptionsOf(view, attemptId)) control.breakOff(messageId);
    control.setPaused(view.status === 'paused');
    control.wake();
  }
};
