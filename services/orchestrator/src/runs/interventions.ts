import { noUsage, type RunEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { blockDependants, completed, deadLetter, dependantsOf, unresolvedBy } from './attempts.ts';
import type { CommandOf } from './commands.ts';
import { acceptsPlan } from './plan-approvals.ts';
import { existing, live, refuseStatus, taskOf } from './refusals.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import type { Task } from './task.ts';

/** Dead letters are what a failed run can be opened again for, and one that completed and whose work was rejected since. */
const reopenable = (state: RunState): Run => {
  const run = existing(state);
  const isRejected = run.status === 'completed' && run.deadLettered > 0;
  if (isEnded(run) && !isRejected && run.failure?.code !== 'TASKS_DEAD_LETTERED') live(run, 'taken up again');
  return run;
};

/**
 * Tasks leave the dead letters together: what only they blocked is free; what something else blocks as well is now blocked by
 * that.
 */
const retried = (run: Run, tasks: readonly Task[], model: string | null): readonly RunEvent[] => [
  ...tasks.map((task): RunEvent => ({ type: 'task.retried', data: { taskId: task.id, model } })),
  ...unblocked(run, tasks),
];

const unblocked = (run: Run, freed: readonly Task[]): readonly RunEvent[] => {
  const free = new Set(freed.map(({ id }) => id));
  const blockers = [...run.tasks.values()].filter(
    ({ id, status }) => !free.has(id) && (status.kind === 'dead_letter' || status.kind === 'cancelled'),
  );
  const stillBlocked = new Map(
    blockers.flatMap((blocker) => dependantsOf(run, [blocker]).map(({ id }) => [id, blocker.id] as const)),
  );
  return dependantsOf(run, freed)
    .filter(({ status }) => status.kind === 'blocked' && free.has(status.by))
    .map(({ id }): RunEvent => {
      const by = stillBlocked.get(id);
      return by === undefined
        ? { type: 'task.unblocked', data: { taskId: id } }
        : { type: 'task.blocked', data: { taskId: id, by } };
    });
};

const reopened = (run: Run): readonly RunEvent[] => (isEnded(run) ? [{ type: 'run.resumed', data: {} }] : []);

export const retryTask = (command: CommandOf<'retry_task'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const task = taskOf(run, command.taskId);
  if (task.status.kind !== 'dead_letter') refuseStatus(task, 'retried');
  return [...retried(run, [task], command.model), ...reopened(run)];
};

export const retryAll = (command: CommandOf<'retry_all'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const dead = [...run.tasks.values()].filter(({ status }) => status.kind === 'dead_letter');
  if (dead.length === 0) throw new PartituraError('NOTHING_TO_RETRY', `Run ${run.id} has no dead letters.`);
  return [...retried(run, dead, command.model), ...reopened(run)];
};

/** The operator takes the work as it is, merged by hand or not at all: it counts as done, and what depends on it may begin. */
export const approveTask = (command: CommandOf<'approve_task'>, state: RunState): readonly RunEvent[] => {
  const run = reopenable(state);
  const task = taskOf(run, command.taskId);
  if (task.status.kind !== 'dead_letter') refuseStatus(task, 'approved');
  const work = { usage: noUsage, requirementIds: task.definition.requirementIds, findings: [] };
  return [
    { type: 'task.approved', data: { taskId: task.id, comment: command.comment } },
    ...unblocked(run, [task]),
    completed(task, work, `${task.id}.a${task.attempts}`, null, command.at),
    ...reopened(run),
  ];
};

/** An operator does without it. Doing without a dead letter is a way to open a failed run again, like trying it again. */
export const cancelTask = (command: CommandOf<'cancel_task'>, state: RunState): readonly RunEvent[] => {
  const task = taskOf(existing(state), command.taskId);
  const run = task.status.kind === 'dead_letter' ? reopenable(state) : live(state, 'changed');
  if (task.status.kind === 'cancelled') return [];
  if (task.status.kind === 'completed' || task.status.kind === 'in_review') refuseStatus(task, 'cancelled');
  const { reason } = command;
  const unresolved = unresolvedBy(run, task);
  const problem = {
    code: 'CONFLICT_NOT_RESOLVED',
    message: `Nobody resolves its conflict. ${reason}`.trim(),
  };
  return [
    { type: 'task.cancelled', data: { taskId: task.id, reason } },
    ...blockDependants(run, task),
    ...(unresolved ? deadLetter(run, unresolved, problem) : []),
    ...reopened(run),
  ];
};

export const commentTask = (command: CommandOf<'comment_task'>, state: RunState): readonly RunEvent[] => {
  const task = taskOf(existing(state), command.taskId);
  return [{ type: 'task.commented', data: { taskId: task.id, text: command.text } }];
};

/** Also of a run that is over: CI takes its time. */
export const reportCi = (command: CommandOf<'report_ci'>, state: RunState): readonly RunEvent[] => {
  const run = existing(state);
  const { taskId, provider, name, status, branch, commit, url } = command;
  if (taskId !== null) taskOf(run, taskId);
  return [{ type: 'ci.reported', data: { taskId, provider, name, status, branch, commit, url } }];
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
  if (approval.action !== acceptsPlan) return [denied];
  if (run.replanning !== null) {
    const problem = { code: 'PLAN_DENIED', message: `The changed plan was denied. ${comment}`.trim() };
    return [denied, { type: 'run.replan_failed', data: { number: run.replanning.number, problem } }];
  }
  return [
    denied,
    {
      type: 'run.cancelled',
      data: { reason: `The plan was denied. ${comment}`.trim(), usage: run.ledger.spent },
    },
  ];
};
