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
import { isBlameless, isLastFailure } from '@partitura/shared/policies';
import { freeKeys, taskAdded } from './added-tasks.ts';
import type { CommandOf, FinishedWork } from './commands.ts';
import { isEnded, type Run, type RunState } from './state.ts';
import { attemptOf, isOpen, type Task, taskIdOfAttempt } from './task.ts';

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
  if (found?.task.status.kind !== 'active') return settled(state, command.attemptId, command.usage);
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
  const resolving = task.resolvedBy === null ? undefined : run.tasks.get(task.resolvedBy);
  if (resolving && isOpen(resolving.status)) return [];
  const [key = ''] = freeKeys(run, 'C', 1);
  const definition: TaskDefinition = {
    ...task.definition,
    key,
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
  if (found?.task.status.kind !== 'active') return settled(state, command.attemptId, command.usage);
  return failed(found.run, found.task, command.attemptId, command.problem, command.usage, command.at);
};

/** An attempt that was ended from here has nothing to say but what it cost. One that counts is not over by this. */
export const endAttempt = (command: CommandOf<'end_attempt'>, state: RunState): readonly RunEvent[] =>
  current(state, command.attemptId) ? [] : settled(state, command.attemptId, command.usage);

/** What a holder spent that does not count any more is counted once, and what it held is free again; also when the run has ended. */
export const settled = (state: RunState, holder: string, usage: Usage): readonly RunEvent[] =>
  state?.ledger.held.has(holder) ? [{ type: 'budget.settled', data: { holder, usage } }] : [];

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
  const counts = !isBlameless(problem);
  if (counts && isLastFailure(task.failures, maxAttempts))
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
  const reason = problem.code === 'BUDGET_DENIED' ? 'budget' : 'model_unavailable';
  return [retry, { type: 'run.paused', data: { reason, detail: problem.message } }];
};

/** With a task, everything that cannot begin without it stops, each told by what. */
export const deadLetter = (run: Run, task: Task, problem: Problem): readonly RunEvent[] => {
  const unresolved = unresolvedBy(run, task);
  if (!unresolved)
    return [
      { type: 'task.dead_lettered', data: { taskId: task.id, problem } },
      ...blockDependants(run, task),
    ];
  // The next attempt at the work starts from the branch as it is then, and what is left of the conflict is another one.
  const reason = 'The conflict could not be resolved: the work is in the dead letters.';
  return [
    { type: 'task.cancelled', data: { taskId: task.id, reason } },
    ...deadLetter(run, unresolved, problem),
  ];
};

/** The work that waits for this task to bring it through a conflict. */
export const unresolvedBy = (run: Run, task: Task): Task | null => {
  const unresolved = task.resolves === null ? undefined : run.tasks.get(task.resolves);
  return unresolved?.status.kind === 'in_review' ? unresolved : null;
};

export const blockDependants = (run: Run, task: Task): readonly RunEvent[] =>
  dependantsOf(run, [task])
    .filter(({ status }) => status.kind === 'waiting' || status.kind === 'ready')
    .map((dependant) => ({ type: 'task.blocked', data: { taskId: dependant.id, by: task.id } }));

/** Everything behind these tasks, each once. */
export const dependantsOf = (run: Run, tasks: readonly Task[]): readonly Task[] => {
  const found = new Set<TaskId>();
  const toLook: Task[] = [...tasks];
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
    .reduce<{ fromAttempt: number; model: string } | null>(
      (best, one) => (best === null || one.fromAttempt >= best.fromAttempt ? one : best),
      null,
    );
  return stronger?.model ?? workflow.phases.find(({ id }) => id === task.phase)?.model ?? model;
};
