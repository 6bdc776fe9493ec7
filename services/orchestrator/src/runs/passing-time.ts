import { noUsage, type RunEvent, type Usage } from '@partitura/shared/events';
import { atMost } from '@partitura/shared/policies';
import { failed, settled } from './attempts.ts';
import { isOutOfTime, nextTimer } from './due.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import { attemptOf } from './task.ts';
import type { Timer } from './timers.ts';

/**
 * The first deadline, backoff or limit that is due by now; the others follow as consequences, each decided on as the one before it
 * left the run.
 */
export const passTime = ({ at }: { readonly at: number }, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run)) return [];
  if (isOutOfTime(run, at)) return outOfTime(run);
  const timer = nextTimer(run);
  return timer === null || timer.at > at ? [] : whenDue(run, timer, at);
};

const whenDue = (run: Run, timer: Timer, at: number): readonly RunEvent[] => {
  switch (timer.kind) {
    case 'retry':
      return [{ type: 'task.due', data: { taskId: timer.taskId } }];
    case 'deadline':
      return overdue(run, timer, at);
    case 'approval':
      return [{ type: 'approval.expired', data: { approvalId: timer.approvalId } }];
  }
};

/** The runner ends an attempt at its deadline itself; this is for the one whose runner is gone. What it held counts as spent. */
const overdue = (
  run: Run,
  { taskId, attemptId }: Extract<Timer, { kind: 'deadline' }>,
  at: number,
): readonly RunEvent[] => {
  const usage = worstCase(run, attemptId);
  const task = run.tasks.get(taskId);
  if (!task || !attemptOf(task, attemptId)) return settled(run, attemptId, usage);
  // Nobody could work on it while the run was paused.
  const code = run.status === 'paused' ? 'PAUSED_PAST_DEADLINE' : 'TASK_TIMEOUT';
  const problem = { code, message: 'The attempt did not end by its deadline.' };
  return failed(run, task, attemptId, problem, usage, at);
};

const worstCase = (run: Run, holder: string): Usage => {
  const { tokens, microUsd } = atMost(run.ledger.held.get(holder), run.configuration.budget);
  return { ...noUsage, inputTokens: tokens, costMicroUsd: microUsd };
};

/** The end of a run whose time is up, or its pause. */
export const outOfTime = (run: Run): readonly RunEvent[] => {
  const { budget } = run.configuration;
  const allowed = budget?.wallMs ?? 0;
  const action = budget?.onExceed ?? 'stop';
  const detail = `The run's time of ${Math.round(allowed / 1000)} s is up.`;
  const exhausted: RunEvent = {
    type: 'budget.exhausted',
    data: { limit: 'wall', spent: allowed, allowed, action },
  };
  if (action === 'pause') return [exhausted, { type: 'run.paused', data: { reason: 'budget', detail } }];
  return [exhausted, { type: 'run.stopped', data: { by: 'budget', detail, usage: run.ledger.spent } }];
};
