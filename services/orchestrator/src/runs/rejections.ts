import type { RunEvent, TaskId } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { dependantsOf } from './attempts.ts';
import type { CommandOf } from './commands.ts';
import { consumersOf, hasBegun, isOwnWork, lastAttemptOf } from './consumers.ts';
import { existing, live, refuseStatus, taskOf } from './refusals.ts';
import { enterPhase, phaseOf } from './routing.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import { isOpen, type Task, taskIdOfAttempt } from './task.ts';

/** Says of a dead letter that it was done, and that its result is not to be relied on. */
export const rejectedCode = 'TASK_REJECTED';

/** What is not to be relied on, and what to do about it. */
interface Verdict {
  readonly reason: string;
  readonly because: string | null;
  readonly distrusted: readonly string[];
}

/** Whether its result was rejected and nobody was asked to do it again. */
const isLeftRejected = ({ status }: Task): boolean =>
  status.kind === 'dead_letter' && status.problem.code === rejectedCode;

/** What ended well, or for its dead letters, can be taken up again while its time is not up. */
export const mayGoOn = (run: Run, at: number): boolean =>
  !isEnded(run) || (isReopenable(run) && (run.wallDeadlineAt === null || run.wallDeadlineAt > at));

export const isReopenable = (run: Run): boolean =>
  run.status === 'completed' || run.failure?.code === 'TASKS_DEAD_LETTERED';

const rejected = (task: Task, again: boolean, { reason, because, distrusted }: Verdict): RunEvent => ({
  type: 'task.rejected',
  data: {
    taskId: task.id,
    attemptId: lastAttemptOf(task),
    commit: task.handedIn?.commit ?? null,
    reason,
    redo: again,
    because,
    distrusted: [...distrusted],
  },
});

/** Nobody has to bring work through a conflict that is done anew. */
const withoutResolution = (run: Run, task: Task): readonly RunEvent[] => {
  const resolving = task.resolvedBy === null ? undefined : run.tasks.get(task.resolvedBy);
  if (task.status.kind !== 'in_review' || !resolving || !isOpen(resolving.status)) return [];
  const reason = 'The work that it was to bring through a conflict is done again.';
  return [{ type: 'task.cancelled', data: { taskId: resolving.id, reason } }];
};

/** Whoever looked at the whole looks again when what is done again is done. */
const waitsFor = (run: Run, task: Task, redone: readonly Task[]): readonly RunEvent[] => {
  if (phaseOf(run, task.phase)?.act.kind !== 'agent') return [];
  const behind = new Set<TaskId>(dependantsOf(run, [task]).map(({ id }) => id));
  const before = redone.filter(({ id, index }) => index < task.index && !behind.has(id));
  const dependsOn = new Set([
    ...task.definition.dependsOn,
    ...before.map(({ definition }) => definition.key),
  ]);
  if (dependsOn.size === task.definition.dependsOn.length) return [];
  return [{ type: 'task.rewired', data: { taskId: task.id, dependsOn: [...dependsOn] } }];
};

/** A run that is over goes on where agents work: where it was, or where the first of these tasks was done. */
const takenUp = (run: Run, [first]: readonly Task[]): readonly RunEvent[] => {
  if (!isEnded(run)) return [];
  const resumed: RunEvent = { type: 'run.resumed', data: {} };
  const act = run.phase === null ? undefined : phaseOf(run, run.phase.id)?.act.kind;
  const works = act === 'tasks' || act === 'agent' || first === undefined;
  return works ? [resumed] : [resumed, ...enterPhase(run, first.phase)];
};

/** These tasks and what consumed their results go back to work; all else stays as it is. */
const redo = (run: Run, tasks: readonly Task[], verdict: Verdict): readonly RunEvent[] => {
  const consumers = consumersOf(run, tasks);
  const all = [...tasks, ...consumers];
  const [source] = tasks;
  return [
    ...tasks.map((task) => rejected(task, true, verdict)),
    ...consumers.map((task) => rejected(task, true, { ...verdict, because: source?.id ?? null })),
    ...all.flatMap((task) => withoutResolution(run, task)),
    ...all.flatMap((task) => waitsFor(run, task, all)),
    ...takenUp(run, tasks),
  ];
};

/** They wait for an operator: what was made of them stays, what has not begun cannot begin without them. */
const setAside = (tasks: readonly Task[], verdict: Verdict): readonly RunEvent[] =>
  tasks.flatMap((task): RunEvent[] => [
    rejected(task, false, verdict),
    {
      type: 'task.dead_lettered',
      data: { taskId: task.id, problem: { code: rejectedCode, message: verdict.reason } },
    },
  ]);

/** An operator does not take a task's result, also when the run has ended. */
export const rejectTask = (command: CommandOf<'reject_task'>, state: RunState): readonly RunEvent[] => {
  const run = existing(state);
  const task = taskOf(run, command.taskId);
  const verdict: Verdict = { reason: command.reason, because: null, distrusted: [] };
  refuseUnlessRejectable(run, task, command.redo);
  if (!command.redo) return setAside([task], verdict);
  if (isEnded(run) && !isReopenable(run)) live(run, 'taken up again');
  if (!mayGoOn(run, command.at))
    throw new PartituraError('BUDGET_EXHAUSTED', `The time that run ${run.id} was given is up.`, {
      advice: 'Reject the task without redo, and start another run of the project.',
    });
  return redo(run, [task], verdict);
};

/** @throws {PartituraError} `WRONG_TASK_KIND`, `TASK_ALREADY_REJECTED`, `WRONG_TASK_STATUS` */
const refuseUnlessRejectable = (run: Run, task: Task, again: boolean): void => {
  if (!isOwnWork(task))
    throw new PartituraError(
      'WRONG_TASK_KIND',
      `Task ${task.id} only brought the work of ${task.resolves} through a conflict.`,
      { advice: `Reject that one: POST /api/v1/tasks/${task.resolves}/reject` },
    );
  if (task.status.kind === 'completed' || (again && isLeftRejected(task))) return;
  if (task.rejected)
    throw new PartituraError(
      'TASK_ALREADY_REJECTED',
      `The result of task ${task.id} was rejected already: ${isLeftRejected(task) ? 'it waits in the dead letters' : 'it is done again'}.`,
      {
        advice: isLeftRejected(task)
          ? 'Have it done again by rejecting it with redo, or take it as it is: partitura approve.'
          : `See how it goes: partitura show ${run.id}`,
      },
    );
  refuseStatus(task, 'rejected');
};

/**
 * What these attempts built upon is not to be relied on. Of each task that only counts whose result it has, or who is at it. A run
 * that cannot be taken up again keeps those tasks for an operator; of one that was given up nobody relies on anything.
 */
export const redoAttempts = (command: CommandOf<'redo_attempts'>, run: RunState): readonly RunEvent[] => {
  if (run === null || (isEnded(run) && !isReopenable(run))) return [];
  const tasks = tasksOfAttempts(run, command.attemptIds);
  if (tasks.length === 0) return [];
  const { reason, because, distrusted, at } = command;
  const verdict: Verdict = { reason, because, distrusted };
  if (command.redo && mayGoOn(run, at)) return redo(run, tasks, verdict);
  return setAside(
    tasks.filter(({ status }) => status.kind === 'completed'),
    verdict,
  );
};

/** Tasks that have their result from one of these attempts, or have it at work, in the order of their addition. */
export const tasksOfAttempts = (run: Run, attemptIds: readonly string[]): readonly Task[] => {
  const found = new Set<Task>();
  for (const attemptId of attemptIds) {
    const task = run.tasks.get(taskIdOfAttempt(attemptId));
    if (!task || lastAttemptOf(task) !== attemptId || !hasBegun(task)) continue;
    const own = task.resolves === null ? task : run.tasks.get(task.resolves);
    if (own && hasBegun(own) && (isOwnWork(task) || task.status.kind === 'completed')) found.add(own);
  }
  return [...found].toSorted((left, right) => left.index - right.index);
};
