import {
  type Amount,
  attemptIdOf,
  noUsage,
  type Problem,
  type RunEvent,
  type TaskId,
  type Usage,
} from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { CommandOf, FinishedWork } from './commands.ts';
import { isMendable } from './planning.ts';
import { taskAdded } from './routing.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import { attemptOf, type Task, taskIdOfAttempt } from './task.ts';

/** The task whose attempt this is, as long as it is the one that counts: a zombie's late word decides nothing. */
const current = (state: RunState, attemptId: string): { run: Run; task: Task } | null => {
  if (state === null || isEnded(state)) return null;
  const task = state.tasks.get(taskIdOfAttempt(attemptId));
  return task && attemptOf(task, attemptId) ? { run: state, task } : null;
};

export const startAttempt = (command: CommandOf<'start_attempt'>, state: RunState): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'active' || found.task.status.attempt.startedAt !== null) return [];
  return [
    {
      type: 'task.started',
      data: { taskId: found.task.id, attemptId: command.attemptId, at: new Date(command.at).toISOString() },
    },
  ];
};

/** Work on a branch waits for its merge; work without one is done. */
export const finishAttempt = (command: CommandOf<'finish_attempt'>, state: RunState): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'active') return [];
  const { branch, commit, usage, requirementIds, findings, attemptId } = command;
  if (branch === null || commit === null)
    return [completed(found.task, command, attemptId, null, command.at)];
  return [
    {
      type: 'task.submitted',
      data: {
        taskId: found.task.id,
        attemptId,
        branch,
        commit,
        usage,
        requirementIds: [...requirementIds],
        findings: [...findings],
      },
    },
  ];
};

export const completed = (
  task: Task,
  work: Pick<FinishedWork, 'usage' | 'requirementIds' | 'findings'>,
  attemptId: string,
  commit: string | null,
  at: number,
): RunEvent => ({
  type: 'task.completed',
  data: {
    taskId: task.id,
    attemptId,
    commit,
    usage: work.usage,
    durationMs: Math.max(0, at - (startOf(task) ?? at)),
    requirementIds: [...work.requirementIds],
    findings: [...work.findings],
  },
});

const startOf = ({ status }: Task): number | null =>
  status.kind === 'active' || status.kind === 'in_review' ? status.attempt.startedAt : null;

/** Merged: done, and with it the task whose conflict this one resolved. */
export const completeMerge = (command: CommandOf<'complete_merge'>, state: RunState): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'in_review') return [];
  const { run, task } = found;
  const own = completed(task, found.task.status.work, command.attemptId, command.commit, command.at);
  const resolved = task.resolves === null ? undefined : run.tasks.get(task.resolves);
  if (resolved?.status.kind !== 'in_review') return [own];
  return [
    own,
    completed(resolved, resolved.status.work, resolved.status.attempt.id, command.commit, command.at),
  ];
};

/** Two branches changed the same lines: bringing them together is a task like any other, done by an agent, checked and merged. */
export const reportConflict = (
  command: CommandOf<'report_conflict'>,
  state: RunState,
): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'in_review') return [];
  const { run, task } = found;
  // A conflict of what was to resolve one: the next attempt starts from the branch as it is now.
  if (task.resolves !== null)
    return failed(run, task, command.attemptId, conflictProblem(command.files), noUsage, command.at);
  const key = `C${run.tasks.size + 1}`;
  if (task.resolvedBy !== null) return [];
  const definition: TaskDefinition = {
    ...task.definition,
    key,
    parentKey: task.definition.parentKey,
    kind: 'conflict',
    title: `Resolve conflict: ${task.definition.title}`.slice(0, 200),
    description: `The work on "${task.definition.title}" and the run's branch changed the same lines of ${command.files.join(', ')}. Keep what both of them are for.`,
    priority: 0,
    dependsOn: [],
  };
  const conflict = {
    taskId: task.id,
    attemptId: command.attemptId,
    branch: command.branch,
    files: [...command.files],
  };
  return [taskAdded(run, task.phase, definition, conflict)];
};

const conflictProblem = (files: readonly string[]): Problem => ({
  code: 'MERGE_CONFLICT',
  message: `It conflicts with the run's branch in ${files.join(', ')}.`,
});

export const rejectMerge = (command: CommandOf<'reject_merge'>, state: RunState): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'in_review') return [];
  return failed(found.run, found.task, command.attemptId, command.problem, noUsage, command.at);
};

export const failAttempt = (command: CommandOf<'fail_attempt'>, state: RunState): readonly RunEvent[] => {
  const found = current(state, command.attemptId);
  if (found?.task.status.kind !== 'active') return [];
  return failed(found.run, found.task, command.attemptId, command.problem, command.usage, command.at);
};

/** Another attempt after a pause that doubles; none after the last; and no blame for what somebody else has to mend. */
export const failed = (
  run: Run,
  task: Task,
  attemptId: string,
  problem: Problem,
  usage: Usage,
  at: number,
): readonly RunEvent[] => {
  const { maxAttempts, backoff } = run.configuration.workflow.policy;
  const counts = !isMendable(problem);
  if (counts && task.failures + 1 >= maxAttempts)
    return [
      { type: 'task.failed', data: { taskId: task.id, attemptId, problem, usage } },
      ...deadLetter(run, task, problem),
    ];
  const delay = counts ? Math.min(backoff.maxMs, backoff.baseMs * 2 ** task.failures) : 0;
  const retryAt = new Date(at + delay).toISOString();
  const retry: RunEvent = {
    type: 'task.attempt_failed',
    data: { taskId: task.id, attemptId, problem, usage, retryAt, counts },
  };
  if (counts || run.status !== 'running') return [retry];
  return [retry, { type: 'run.paused', data: { reason: 'model_unavailable', detail: problem.message } }];
};

/** With a task, everything that cannot begin without it stops, each told by what. */
export const deadLetter = (run: Run, task: Task, problem: Problem): readonly RunEvent[] => {
  const own: RunEvent = { type: 'task.dead_lettered', data: { taskId: task.id, problem } };
  const resolved = task.resolves === null ? undefined : run.tasks.get(task.resolves);
  const withIt = resolved?.status.kind === 'in_review' ? deadLetter(run, resolved, problem) : [];
  return [own, ...withIt, ...blockDependants(run, task)];
};

export const blockDependants = (run: Run, task: Task): readonly RunEvent[] =>
  dependantsOf(run, task)
    .filter(({ status }) => status.kind === 'waiting' || status.kind === 'ready')
    .map((dependant) => ({ type: 'task.blocked', data: { taskId: dependant.id, by: task.id } }));

/** Everything behind a task, each once. */
export const dependantsOf = (run: Run, task: Task): readonly Task[] => {
  const found = new Set<TaskId>();
  const toLook: Task[] = [task];
  for (let next = toLook.pop(); next; next = toLook.pop()) {
    for (const id of next.dependants) {
      const dependant = run.tasks.get(id);
      if (!dependant || found.has(id)) continue;
      found.add(id);
      toLook.push(dependant);
    }
  }
  return [...found].flatMap((id) => run.tasks.get(id) ?? []);
};

/** The next attempt of each task, within agents and budget. */
export const scheduled = (run: Run, task: Task, reservation: Amount | null, at: number): RunEvent => {
  const number = task.attempts + 1;
  const { workflow } = run.configuration;
  return {
    type: 'task.scheduled',
    data: {
      taskId: task.id,
      attemptId: attemptIdOf(task.id, number),
      attempt: number,
      agentType: task.definition.agentType,
      model: modelFor(run, task),
      reservation,
      deadlineAt: new Date(at + workflow.policy.taskTimeoutMs).toISOString(),
    },
  };
};

/** An operator's choice, else the phase's, else the run's; from the n-th failure on the stronger one that the workflow names. */
const modelFor = (run: Run, task: Task): string => {
  const { workflow, model } = run.configuration;
  if (task.model !== null) return task.model;
  const stronger = workflow.policy.escalation
    .filter(({ fromAttempt }) => fromAttempt <= task.failures + 1)
    .at(-1);
  return stronger?.model ?? workflow.phases.find(({ id }) => id === task.phase)?.model ?? model;
};
