import { z } from 'zod';
import { taskDefinition } from '../planning/task-definition.ts';
import { contract, type EventOf } from './define.ts';
import { forkedRun } from './forked-run.ts';
import { amountOrNull, documentReference, runConfiguration } from './run-configuration.ts';
import { amount, blobReference, problem, usage } from './values.ts';

const task = { taskId: z.string() };
const attempt = { taskId: z.string(), attemptId: z.string() };
/** Counted from 1 in each run. */
const replan = { number: z.int().positive() };

export const finding = z.strictObject({
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  title: z.string(),
  file: z.string().nullable(),
  line: z.int().positive().nullable(),
  advice: z.string(),
});
export type Finding = z.infer<typeof finding>;

export const ciStatuses = ['queued', 'running', 'passed', 'failed', 'cancelled', 'skipped'] as const;
export type CiStatus = (typeof ciStatuses)[number];

/** Stream `run-<id>`, owned by the orchestrator: everything that scheduling needs. */
export const runEvents = {
  'run.created': contract(
    'A run exists, with the configuration it keeps.',
    z.strictObject({ runId: z.string(), projectId: z.string(), configuration: runConfiguration }),
  ),
  'run.forked': contract(
    'The run goes on from another’s past, which stands in the streams of that one and is not repeated: see `forking`.',
    forkedRun,
  ),
  'run.started': contract(
    'The run began. It may go on until `wallDeadlineAt`, where its budget limits that.',
    z.strictObject({ wallDeadlineAt: z.iso.datetime().nullable() }),
  ),
  'run.paused': contract(
    'Nothing new is scheduled; agents at work come to their next checkpoint.',
    z.strictObject({
      reason: z.enum(['operator', 'interrupted', 'budget', 'step', 'model_unavailable']),
      detail: z.string(),
    }),
  ),
  'run.resumed': contract('Scheduling goes on.', z.strictObject({})),
  'run.completed': contract(
    'All phases are done.',
    z.strictObject({
      branch: z.string().nullable(),
      commit: z.string().nullable(),
      usage,
      requirements: z.int(),
      requirementsMet: z.int(),
    }),
  ),
  'run.failed': contract('The run cannot go on.', z.strictObject({ problem, usage })),
  'run.cancelled': contract('The operator ended the run.', z.strictObject({ reason: z.string(), usage })),
  'run.stopped': contract(
    'A limit or a policy ended the run.',
    z.strictObject({ by: z.enum(['budget', 'policy']), detail: z.string(), usage }),
  ),

  'phase.entered': contract(
    'The run is in a phase, for the n-th time. `reservation` is what its planning may spend.',
    z.strictObject({
      phase: z.string(),
      visit: z.int().positive(),
      act: z.string(),
      reservation: amountOrNull,
    }),
  ),
  'phase.interrupted': contract(
    'The planner cannot go on until somebody mends something; a resume enters the phase again.',
    z.strictObject({ phase: z.string(), visit: z.int().positive(), problem }),
  ),
  'phase.completed': contract(
    'A phase is done.',
    z.strictObject({ phase: z.string(), visit: z.int().positive() }),
  ),

  'plan.accepted': contract(
    'The plan is what the run will do.',
    z.strictObject({
      plan: blobReference,
      planRevision: z.int().positive(),
      requirementIds: z.array(z.string()),
      tasks: z.int(),
    }),
  ),

  'run.replan_requested': contract(
    'The plan is to be changed for a PRD that was edited. A wish that was not begun gives way to the next one.',
    z.strictObject({ ...replan, prd: documentReference, prdRevision: z.int().positive() }),
  ),
  'run.replan_started': contract(
    'The planner compares the PRDs. Nothing new is scheduled until it is done. `reservation` is what it may spend.',
    z.strictObject({
      ...replan,
      prd: documentReference,
      prdRevision: z.int().positive(),
      reservation: amountOrNull,
    }),
  ),
  'run.replanned': contract(
    'The changed plan is what the run does from here. What was finished stays; the ids are those of tasks.',
    z.strictObject({
      ...replan,
      planRevision: z.int().positive(),
      /** They will not be done, and count for no requirement any more. */
      cancelled: z.array(z.string()),
      added: z.array(z.string()),
      rewired: z.array(z.string()),
    }),
  ),
  'run.replan_failed': contract(
    'The run goes on with the plan it has, and why.',
    z.strictObject({ ...replan, problem }),
  ),

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

  'budget.requested': contract(
    'A holder asked for more than is free now; it waits until others give back what they do not need.',
    z.strictObject({ holder: z.string(), requestId: z.string(), amount }),
  ),
  'budget.reserved': contract(
    'More is set aside for a holder that asked for it. `holder` is an attempt, or `plan`.',
    z.strictObject({ holder: z.string(), amount, requestId: z.string() }),
  ),
  'budget.denied': contract(
    'There is not enough left for what was asked.',
    z.strictObject({ holder: z.string(), requestId: z.string(), asked: amount }),
  ),
  'budget.settled': contract(
    'A holder is done: what it spent is counted, what it did not is free again.',
    z.strictObject({ holder: z.string(), usage }),
  ),
  'budget.threshold_reached': contract(
    'A share of a limit is spent.',
    z.strictObject({
      limit: z.enum(['tokens', 'usd', 'wall']),
      threshold: z.number(),
      spent: z.int(),
      allowed: z.int(),
    }),
  ),
  'budget.exhausted': contract(
    'A limit leaves no room for the next call.',
    z.strictObject({
      limit: z.enum(['tokens', 'usd', 'wall']),
      spent: z.int(),
      allowed: z.int(),
      action: z.enum(['stop', 'pause']),
    }),
  ),

  'approval.requested': contract(
    'Somebody has to say yes to exactly this action, in exactly this state.',
    z.strictObject({
      approvalId: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.string(),
      /** SHA-256 of the action with its arguments and of the state it was asked in. */
      bindingHash: z.string(),
      expiresAt: z.iso.datetime().nullable(),
    }),
  ),
  'approval.granted': contract('Yes.', z.strictObject({ approvalId: z.string(), comment: z.string() })),
  'approval.denied': contract('No.', z.strictObject({ approvalId: z.string(), comment: z.string() })),
  'approval.expired': contract(
    'Nobody answered in time, which is a no.',
    z.strictObject({ approvalId: z.string() }),
  ),

  'ci.reported': contract(
    'A CI system said how it goes with the run’s branch, or with that of one of its tasks.',
    z.strictObject({
      /** Null for the run’s own branch. */
      taskId: z.string().nullable(),
      provider: z.string(),
      name: z.string(),
      status: z.enum(ciStatuses),
      branch: z.string(),
      commit: z.string().nullable(),
      url: z.string().nullable(),
    }),
  ),

  'gate.evaluated': contract(
    'A gate looked at a task’s or a phase’s work.',
    z.strictObject({
      gate: z.string(),
      subject: z.string(),
      verdict: z.enum(['passed', 'failed', 'warned']),
      findings: z.array(finding),
    }),
  ),
};
export type RunEvent = EventOf<typeof runEvents>;
