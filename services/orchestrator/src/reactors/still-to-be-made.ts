import type { Run } from '../runs/state.ts';
import { attemptOf } from '../runs/task.ts';
import type { Attempted } from './outstanding.ts';

/** Whether somebody still has to make the attempt, or is at it. */
export const isAtWork = (run: Run, { taskId, attemptId }: Attempted): boolean => {
  const task = run.tasks.get(taskId as Parameters<Run['tasks']['get']>[0]);
  return task?.status.kind === 'active' && attemptOf(task, attemptId) !== null;
};
