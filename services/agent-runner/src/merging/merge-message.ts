import type { TaskDefinition } from '@partitura/shared/planning';
import type { Submission } from './queue.ts';

/** Names task and requirements, and the attempt by which a merge is found again after a crash. */
export const mergeMessage = (runId: string, submission: Submission, task: TaskDefinition): string => {
  const trailers = [
    ...(task.requirementIds.length > 0 ? [`Partitura-Requirements: ${task.requirementIds.join(', ')}`] : []),
    `Partitura-Task: ${submission.taskId}`,
    `Partitura-Attempt: ${submission.attemptId}`,
    `Partitura-Run: ${runId}`,
  ];
  return `Merge ${task.key}: ${task.title}\n\n${trailers.join('\n')}\n`;
};
