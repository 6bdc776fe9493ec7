import { addUsage, type ForkedRun, noUsage } from '@partitura/shared/events';
import { nothing, prepay } from '@partitura/shared/policies';
import type { CurrentPhase, Run } from './state.ts';
import { become } from './task-changes.ts';

/**
 * Where a run's past ends and the fork begins. What ended goes on; what was spent is its parent's; who was at work has nothing set
 * aside and has to ask for what he needs from here on; every deadline is as far away as it was.
 */
export const fork = (run: Run, { changes, shiftMs, unsettled }: ForkedRun): void => {
  const { ledger } = run;
  if (run.phase?.planned && run.status === 'failed' && run.plan === null) interrupt(run, run.phase);
  run.status = 'running';
  run.failure = null;
  run.wallDeadlineAt = null;
  ledger.inherited = addUsage(ledger.inherited, ledger.spent);
  ledger.spent = noUsage;
  ledger.exhausted = false;
  ledger.told.clear();
  ledger.waiting.length = 0;
  ledger.reserved = nothing;
  for (const holder of ledger.held.keys()) ledger.held.set(holder, nothing);
  prepay(ledger, unsettled);
  run.timers.shift(shiftMs);
  for (const task of run.tasks.values()) {
    task.checking = null;
    if (changes.model !== null) task.model = null;
    // How long an attempt takes is not how long ago its parent was at it.
    const attempt = 'attempt' in task.status ? task.status.attempt : null;
    if (attempt?.startedAt) attempt.startedAt += shiftMs;
    if (task.status.kind === 'backing_off')
      become(run, task, { kind: 'backing_off', until: task.status.until + shiftMs });
  }
};

/** There is no plan, and the planner is asked again. */
const interrupt = (run: Run, phase: CurrentPhase): void => {
  run.interruptions.set(phase.id, (run.interruptions.get(phase.id) ?? 0) + 1);
  phase.interrupted = true;
};
