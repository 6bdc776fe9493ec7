import { withdraw } from '@partitura/shared/policies';
import type { RunEventData } from './event-data.ts';
import type { Run } from './state.ts';
import { become, countRequirements, withTask } from './task-changes.ts';

/**
 * What was done is not done any more: those that depend on it wait for it again. Its attempt, if one is at work, does not count any
 * more; what that holds comes back with its last word, or at its deadline.
 */
export const reject = (run: Run, { taskId }: RunEventData['task.rejected']): void =>
  withTask(run, taskId, (task) => {
    const before = task.status;
    if (before.kind === 'active') withdraw(run.ledger, before.attempt.id);
    task.rejected = true;
    task.failures = 0;
    become(run, task, { kind: 'waiting' });
    // What a review found was found in what is done again.
    const { phases } = run.configuration.workflow;
    if (phases.some(({ id, act }) => id === task.phase && act.kind === 'agent')) run.findings = [];
    if (before.kind !== 'completed') return;
    countRequirements(run, task, 0, 1);
    for (const id of task.dependants)
      withTask(run, id, (dependant) => {
        dependant.waitingFor += 1;
        if (dependant.status.kind === 'ready') become(run, dependant, { kind: 'waiting' });
      });
  });
