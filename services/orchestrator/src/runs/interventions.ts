import { noUsage, type RunEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { blockDependants, completed, dependantsOf, failed } from './attempts.ts';
import type { CommandOf } from './commands.ts';
import { isOver } from './due.ts';
import { existing, live, refuseStatus, taskOf } from './refusals.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import type { Task } from './task.ts';
import type { Timer } from './timers.ts';

/** Dead letters are what a failed run can be opened again for. */
const reopenable = (state: RunState): Run => {
  const run = existing(state);
  if (isEnded(run) && run.failure?.code !== 'TASKS_DEAD_LETTERED') live(run, 'taken up again');
  return run;
};

const retried = (run: Run, task: Task, model: string | null): readonly RunEvent[] => [
  { type: 'task.retried', data: { taskId: task.id, model } },
  ...unblocked(run, task),
];

/** What only this task blocked is free; what another one blocks as well is now blocked by that one. */
const unblocked = (run: Run, task: Task): readonly RunEvent[] => {
  const blockers = [...run.tasks.values()].filter(
    (other) => other !== task && (other.status.kind === 'dead_letter' || other.status.kind === 'cancelled'),
  );
  const stillBlocked = new Map(
    blockers.flatMap((blocker) => dependantsOf(run, blocker).map(({ id }) => [id, blocker.id] as const)),
  );
  return dependantsOf(run, task)
    .filter(({ status }) => status.kind === 'blocked' && status.by === task.id)
    .map(({ id }): RunEvent => {
      const by = stillBlocked.get(id);
      return by === undefined
        ? { type: 'task.unblocked', data: { taskId: id } }
        : { type: 'task.blocked', data: { taskId: id, by } };
    });
};

const reopened = (run: Run): readonly RunEvent[] =>
  run.status === 'failed' ? [{ type: 'run.resumed', data: {} }] : [];

export const retryTask = (command: CommandOf<'retry_task'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const task = taskOf(run, command.taskId);
  if (task.status.kind !== 'dead_letter') refuseStatus(task, 'retried');
  return [...retried(run, task, command.model), ...reopened(run)];
};

export const retryAll = (command: CommandOf<'retry_all'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const dead = [...run.tasks.values()].filter(({ status }) => status.kind === 'dead_letter');
  if (dead.length === 0) throw new PartituraError('NOTHING_TO_RETRY', `Run ${run.id} has no dead letters.`);
  return [...dead.flatMap((task) => retried(run, task, command.model)), ...reopened(run)];
};

/** The operator takes the work as it is: it counts as done, with the commit that was handed in, if there was one. */
export const approveTask = (command: CommandOf<'approve_task'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const task = taskOf(run, command.taskId);
  if (task.status.kind !== 'dead_letter') refuseStatus(task, 'approved');
  const work = { usage: noUsage, requirementIds: task.definition.requirementIds, findings: [] };
  return [
    { type: 'task.approved', data: { taskId: task.id, comment: command.comment } },
    ...unblocked(run, task),
    completed(task, work, `${task.id}.a${task.attempts}`, null, command.at),
    ...reopened(run),
  ];
};

export const cancelTask = (command: CommandOf<'cancel_task'>, state: RunState): readonly RunEvent[] => {
  const run = live(state, 'changed');
  const task = taskOf(run, command.taskId);
  if (task.status.kind === 'cancelled') return [];
  if (task.status.kind === 'completed' || task.status.kind === 'in_review') refuseStatus(task, 'cancelled');
  return [
    { type: 'task.cancelled', data: { taskId: task.id, reason: command.reason } },
    ...blockDependants(run, task),
  ];
};

export const commentTask = (command: CommandOf<'comment_task'>, state: RunState): readonly RunEvent[] => {
  const task = taskOf(existing(state), command.taskId);
  return [{ type: 'task.commented', data: { taskId: task.id, text: command.text } }];
};

export const decideApproval = (
  command: CommandOf<'decide_approval'>,
  state: RunState,
): readonly RunEvent[] => {
  const run = live(state, 'changed');
  const { approvalId, comment, granted } = command;
  const approval = run.approvals.get(approvalId);
  if (!approval) {
    throw new PartituraError('APPROVAL_NOT_PENDING', `Nothing waits for an answer to ${approvalId}.`, {
      advice: 'It was answered already, has expired, or what it asked about has changed.',
    });
  }
  if (granted) return [{ type: 'approval.granted', data: { approvalId, comment } }];
  const denied: RunEvent = { type: 'approval.denied', data: { approvalId, comment } };
  if (approval.action !== 'accept_plan') return [denied];
  return [
    denied,
    {
      type: 'run.cancelled',
      data: { reason: `The plan was denied. ${comment}`.trim(), usage: run.ledger.spent },
    },
  ];
};

/** Deadlines, backoffs and limits that are due by now. */
export const passTime = (command: CommandOf<'pass_time'>, run: RunState): readonly RunEvent[] => {
  if (run === null || isEnded(run)) return [];
  return run.timers
    .due(command.at)
    .flatMap((timer) => (isOver(run, timer) ? [] : whenDue(run, timer, command.at)));
};

const whenDue = (run: Run, timer: Timer, at: number): readonly RunEvent[] => {
  switch (timer.kind) {
    case 'retry':
      return [{ type: 'task.due', data: { taskId: timer.taskId } }];
    case 'deadline':
      return overdue(run, timer.taskId, timer.attemptId, at);
    case 'approval':
      return [{ type: 'approval.expired', data: { approvalId: timer.approvalId } }];
    case 'wall':
      return outOfTime(run);
  }
};

/** The runner ends an attempt at its deadline itself; this is for the one whose runner is gone. What it held counts as spent. */
const overdue = (run: Run, taskId: Task['id'], attemptId: string, at: number): readonly RunEvent[] => {
  const task = run.tasks.get(taskId);
  if (!task) return [];
  const held = run.ledger.held.get(attemptId);
  const usage = { ...noUsage, inputTokens: held?.tokens ?? 0, costMicroUsd: held?.microUsd ?? 0 };
  return failed(
    run,
    task,
    attemptId,
    { code: 'TASK_TIMEOUT', message: 'The attempt did not end by its deadline.' },
    usage,
    at,
  );
};

const outOfTime = (run: Run): readonly RunEvent[] => {
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
