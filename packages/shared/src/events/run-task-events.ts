import { z } from 'zod';
import { taskDefinition } from '../planning/task-definition.ts';
import { contract } from './define.ts';
import { amountOrNull } from './run-configuration.ts';
import { finding, problem, usage } from './values.ts';

const task = { taskId: z.string() };
const attempt = { taskId: z.string(), attemptId: z.string() };

/** Of a run's tasks: what is to be done, who is at it, and what came of it. */
export const runTaskEvents = {
  'task.added': contract(
    'A task is part of the run.',
    z.strictObject({
      ...task,
      phase: z.string(),
      definition: taskDefinition,
      /** Estimated tokens on the longest way from here to the end: the longer, the sooner it is scheduled. */
      pathTokens: z.int().nonnegative(),
      /** For a task that resolves a conflict: the work that could not be merged. */
      conflict: z.strictObject({ ...attempt, branch: z.string(), files: z.array(z.string()) }).nullable(),
    }),
  ),
  'task.rewired': contract(
    'A task that nobody has begun waits for others than before.',
    z.strictObject({ ...task, dependsOn: z.array(z.string()) }),
  ),
  'task.scheduled': contract(
    'An attempt is to be made. `reservation` is what it may spend before it has to ask: null for all it likes.',
    z.strictObject({
      ...attempt,
      attempt: z.int().positive(),
      agentType: z.string(),
      model: z.string(),
      reservation: amountOrNull,
      deadlineAt: z.iso.datetime(),
    }),
  ),
  'task.started': contract('An agent has the attempt.', z.strictObject({ ...attempt, at: z.iso.datetime() })),
  'task.submitted': contract(
    'The agent is done and its checks passed; the branch waits to be merged.',
    z.strictObject({
      ...attempt,
      branch: z.string(),
      commit: z.string(),
      usage,
      requirementIds: z.array(z.string()),
      findings: z.array(finding),
    }),
  ),
  'task.completed': contract(
    'Done: verified, and merged where there is a branch.',
    z.strictObject({
      ...attempt,
      commit: z.string().nullable(),
      usage,
      durationMs: z.int().nonnegative(),
      requirementIds: z.array(z.string()),
      findings: z.array(finding),
    }),
  ),
  'task.attempt_failed': contract(
    'An attempt ended without success; there will be another at `retryAt`.',
    z.strictObject({
      ...attempt,
      problem,
      usage,
      retryAt: z.iso.datetime(),
      /** False when it was not the task's fault (a wrong key, say): such an attempt does not count against the limit. */
      counts: z.boolean(),
    }),
  ),
  'task.due': contract('Its backoff is over: it may be scheduled again.', z.strictObject(task)),
  'task.failed': contract('The last attempt failed.', z.strictObject({ ...attempt, problem, usage })),
  'task.dead_lettered': contract(
    'The task waits for an operator; what depends on it is blocked.',
    z.strictObject({ ...task, problem }),
  ),
  'task.blocked': contract(
    'A task it depends on is in the dead letters or cancelled.',
    z.strictObject({ ...task, by: z.string() }),
  ),
  'task.unblocked': contract('What blocked it is gone.', z.strictObject(task)),
  'task.cancelled': contract('It will not be done.', z.strictObject({ ...task, reason: z.string() })),
  'task.retried': contract(
    'An operator took it out of the dead letters.',
    z.strictObject({ ...task, model: z.string().nullable() }),
  ),
  'task.approved': contract(
    'An operator took the work as it is.',
    z.strictObject({ ...task, comment: z.string() }),
  ),
  'task.rejected': contract(
    'Its result is not to be relied on.',
    z.strictObject({
      /** `attemptId` is whose result it was; of a task that was at work on what is not to be relied on, who was at it. */
      ...attempt,
      commit: z.string().nullable(),
      reason: z.string(),
      /** False: it waits for an operator in the dead letters. */
      redo: z.boolean(),
      /** The task or the piece of knowledge that it had built upon; null where somebody named this very task. */
      because: z.string().nullable(),
      /** Pieces of knowledge that nobody who does it again is to be told. */
      distrusted: z.array(z.string()),
    }),
  ),
  'task.commented': contract(
    'Somebody said something of a task.',
    z.strictObject({ ...task, text: z.string() }),
  ),

  'task.checks_requested': contract(
    'Somebody wants the project’s checks run again on what the task handed in, or on what it became when it was merged.',
    z.strictObject({ ...task, requestId: z.string(), branch: z.string(), commit: z.string() }),
  ),
  'task.message_sent': contract(
    'Somebody tells the agent of an attempt something, which it reads at its next turn.',
    z.strictObject({ ...attempt, messageId: z.string(), text: z.string() }),
  ),
  'task.interrupted': contract(
    'Somebody wants the agent of an attempt to stop what it is at, and look up.',
    z.strictObject({ ...attempt, messageId: z.string(), reason: z.string() }),
  ),
};
