import { asTaskId, type RunEvent, type TaskId } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { CommandOf } from './commands.ts';
import { agentNotFound, live } from './refusals.ts';
import type { RunState } from './state.ts';
import { attemptOf, taskIdOfAttempt } from './task.ts';

/** Nobody reads what is said to an agent that has had its last word: better refused than lost. */
const taskOfAgentAtWork = (attemptId: string, state: RunState): TaskId => {
  const run = live(state, 'told anything');
  const task = run.tasks.get(asTaskId(taskIdOfAttempt(attemptId)));
  if (task?.status.kind === 'active' && attemptOf(task, attemptId)) return task.id;
  const number = Number(attemptId.slice(attemptId.lastIndexOf('.a') + 2));
  if (!task || !(number >= 1 && number <= task.attempts)) throw agentNotFound(attemptId);
  throw new PartituraError('WRONG_AGENT_STATUS', `Agent ${attemptId} is not at work any more.`, {
    advice: `Say it of its task, for the next attempt: POST /api/v1/tasks/${task.id}/comments`,
  });
};

export const messageAttempt = (
  { attemptId, messageId, text }: CommandOf<'message_attempt'>,
  state: RunState,
): readonly RunEvent[] => {
  const taskId = taskOfAgentAtWork(attemptId, state);
  return [{ type: 'task.message_sent', data: { taskId, attemptId, messageId, text } }];
};

export const interruptAttempt = (
  { attemptId, messageId, reason }: CommandOf<'interrupt_attempt'>,
  state: RunState,
): readonly RunEvent[] => {
  const taskId = taskOfAgentAtWork(attemptId, state);
  return [{ type: 'task.interrupted', data: { taskId, attemptId, messageId, reason } }];
};
