import { asTaskId } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { isEnded, type Run, type RunState } from './state.ts';
import type { Task } from './task.ts';

/** The run, if there is one. @throws {PartituraError} `RUN_NOT_FOUND` */
export const existing = (state: RunState): Run => {
  if (state === null) throw runNotFound();
  return state;
};

export const runNotFound = (runId?: string): PartituraError =>
  new PartituraError(
    'RUN_NOT_FOUND',
    runId === undefined ? 'There is no such run.' : `There is no run "${runId}".`,
    {
      advice: 'See the runs with: partitura ps',
    },
  );

/** Of a run that is not there either. */
export const taskNotFound = (taskId: string): PartituraError =>
  new PartituraError('TASK_NOT_FOUND', `There is no task "${taskId}".`, {
    advice: 'See the runs with: partitura ps',
  });

/** Of a run that is not there either. */
export const approvalNotFound = (approvalId: string): PartituraError =>
  new PartituraError('APPROVAL_NOT_FOUND', `There is no approval "${approvalId}".`, {
    advice: 'See what waits for an answer with: GET /api/v1/approvals',
  });

/** @throws {PartituraError} `RUN_ENDED` */
export const live = (state: RunState, what: string): Run => {
  const run = existing(state);
  if (isEnded(run)) {
    throw new PartituraError('RUN_ENDED', `Run ${run.id} cannot be ${what}: it is ${run.status}.`, {
      advice: `Start another run of the project, or look at what happened: partitura history ${run.id}`,
    });
  }
  return run;
};

/** @throws {PartituraError} `TASK_NOT_FOUND` */
export const taskOf = (run: Run, taskId: string): Task => {
  const task = run.tasks.get(asTaskId(taskId));
  if (!task) {
    throw new PartituraError(
      'TASK_NOT_FOUND',
      `Run ${run.id} has no task "${taskId}" that an agent works on.`,
      {
        advice: `See its tasks with: partitura show ${run.id}`,
      },
    );
  }
  return task;
};

export const agentNotFound = (agentId: string): PartituraError =>
  new PartituraError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`);

/** @throws {PartituraError} `WRONG_TASK_STATUS` */
export const refuseStatus = (task: Task, what: string): never => {
  throw new PartituraError(
    'WRONG_TASK_STATUS',
    `Task ${task.id} cannot be ${what}: it is ${task.status.kind.replaceAll('_', ' ')}.`,
  );
};
