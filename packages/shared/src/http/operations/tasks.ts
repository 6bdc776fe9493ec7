import { z } from 'zod';
import * as resource from '../resources.ts';
import { command, paged, pageOf, query, queryOf, read, reason } from './shapes.ts';

export const taskOperations = {
  retryTask: command(
    '/tasks/:id/retry',
    'Take a task out of the dead letters.',
    z.strictObject({ model: z.string().optional() }),
  ),
  approveTask: command(
    '/tasks/:id/approve',
    'Take a task’s work as it is.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),
  cancelTask: command('/tasks/:id/cancel', 'Do without a task.', reason),
  runTaskChecks: command(
    '/tasks/:id/run-qa',
    'Run the project’s checks again on what the task handed in. What came of it is a gate of the task.',
    null,
  ),
  commentTask: command(
    '/tasks/:id/comments',
    'Say something of a task.',
    z.strictObject({ text: z.string().min(1).max(10_000) }),
  ),
  getTask: queryOf('/tasks/:id', 'A task.', read, resource.taskResource),
  listTaskComments: queryOf(
    '/tasks/:id/comments',
    'What was said of it.',
    paged,
    pageOf(resource.commentResource),
  ),
  listDeadLetters: query(
    '/dead-letters',
    'Tasks that wait for an operator.',
    paged,
    pageOf(resource.taskResource),
  ),
};
