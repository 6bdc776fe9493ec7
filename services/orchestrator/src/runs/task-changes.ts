import { asAttemptId, asRunId, asTaskId, type TaskId, taskIdOf, type Usage } from '@partitura/shared/events';
import { isWork } from '@partitura/shared/planning';
import { hold, nothing, settle, withdraw } from '@partitura/shared/policies';
import type { RunEventData } from './event-data.ts';
import type { Run } from './state.ts';
import { isOpen, type Task, type TaskStatus, taskIdOfAttempt } from './task.ts';

type Data<Type extends keyof RunEventData> = RunEventData[Type];

export const withTask = (run: Run, taskId: string, change: (task: Task) => void): void => {
  const task = run.tasks.get(asTaskId(taskId));
  if (task) change(task);
};

export const withAttempt = (run: Run, attemptId: string, change: (task: Task) => void): void =>
  withTask(run, taskIdOfAttempt(attemptId), change);

/** The one place where a task's status changes, so that the counts that follow from it cannot be forgotten. */
export const become = (run: Run, task: Task, status: TaskStatus): void => {
  const before = task.status;
  const mayBegin = task.waitingFor === 0 && run.opened.has(task.phase);
  const next: TaskStatus = status.kind === 'waiting' && mayBegin ? { kind: 'ready' } : status;
  task.status = next;
  const opened = Number(isOpen(next)) - Number(isOpen(before));
  if (opened !== 0) run.openByPhase.set(task.phase, (run.openByPhase.get(task.phase) ?? 0) + opened);
  run.active += Number(next.kind === 'active') - Number(before.kind === 'active');
  run.deadLettered += Number(next.kind === 'dead_letter') - Number(before.kind === 'dead_letter');
  if (next.kind === 'ready') run.ready.add(task);
  else if (before.kind === 'ready') run.ready.tidy();
};

export const addTask = (
  run: Run,
  { taskId, phase, definition, pathTokens, conflict }: Data<'task.added'>,
): void => {
  if (!isWork(definition)) {
    run.groups.add(asTaskId(taskId));
    return;
  }
  if (run.tasks.has(asTaskId(taskId))) return;
  const task: Task = {
    id: asTaskId(taskId),
    definition,
    phase,
    index: run.tasks.size,
    status: { kind: 'cancelled' },
    waitingFor: 0,
    dependants: [],
    pathTokens,
    resolves: conflict === null ? null : asTaskId(conflict.taskId),
    resolvedBy: null,
    attempts: 0,
    failures: 0,
    handedIn: null,
    checking: null,
    rejected: false,
    dropped: false,
    model: null,
  };
  run.tasks.set(task.id, task);
  if (task.resolves !== null) {
    withTask(run, task.resolves, (conflicting) => {
      conflicting.resolvedBy = task.id;
    });
  }
  waitForDependencies(run, task);
  countRequirements(run, task, 1, 1);
  become(run, task, { kind: 'waiting' });
};

const dependenciesOf = (run: Run, { definition }: Task): readonly Task[] =>
  definition.dependsOn.flatMap((key) => run.tasks.get(taskIdOf(asRunId(run.id), key)) ?? []);

const waitForDependencies = (run: Run, task: Task): void => {
  for (const dependency of dependenciesOf(run, task)) {
    dependency.dependants.push(task.id);
    if (dependency.status.kind !== 'completed') task.waitingFor += 1;
  }
};

/** A task that nobody has begun waits for others. What blocks it, or does not any more, is told apart. */
export const rewire = (run: Run, { taskId, dependsOn }: Data<'task.rewired'>): void =>
  withTask(run, taskId, (task) => {
    for (const { dependants } of dependenciesOf(run, task))
      if (dependants.includes(task.id)) dependants.splice(dependants.indexOf(task.id), 1);
    task.definition = { ...task.definition, dependsOn };
    task.waitingFor = 0;
    waitForDependencies(run, task);
    if (task.status.kind === 'waiting' || task.status.kind === 'ready')
      become(run, task, { kind: 'waiting' });
  });

/** Another task stands in its place, or what it was for is not wanted: its requirements do not wait for it. */
export const drop = (run: Run, task: Task): void => {
  if (task.dropped) return;
  task.dropped = true;
  countRequirements(run, task, -1, -1);
};

export const schedule = (run: Run, data: Data<'task.scheduled'>): void => {
  const deadline = Date.parse(data.deadlineAt);
  withTask(run, data.taskId, (task) => {
    task.attempts = data.attempt;
    run.stepsAllowed = Math.max(0, run.stepsAllowed - 1);
    const attempt = {
      id: asAttemptId(data.attemptId),
      number: data.attempt,
      model: data.model,
      startedAt: null,
    };
    become(run, task, { kind: 'active', attempt });
    run.timers.add({ kind: 'deadline', at: deadline, taskId: task.id, attemptId: data.attemptId });
  });
  hold(run.ledger, data.attemptId, data.reservation ?? nothing);
};

export const submit = (run: Run, data: Data<'task.submitted'>): void => {
  withAttempt(run, data.attemptId, (task) => {
    if (task.status.kind !== 'active') return;
    const { branch, commit, usage, requirementIds, findings } = data;
    task.handedIn = { branch, commit };
    become(run, task, {
      kind: 'in_review',
      attempt: task.status.attempt,
      work: { branch, commit, usage, requirementIds, findings },
    });
  });
  settleAttempt(run, data.attemptId, data.usage);
};

export const complete = (run: Run, data: Data<'task.completed'>): void => {
  withTask(run, data.taskId, (task) => {
    // What was handed in for a merge is paid for already.
    if (task.status.kind === 'active') settleAttempt(run, data.attemptId, data.usage);
    const { branch } = run.configuration;
    if (data.commit !== null && branch !== null) task.handedIn = { branch, commit: data.commit };
    task.rejected = false;
    become(run, task, { kind: 'completed' });
    for (const id of task.dependants) release(run, id);
    countRequirements(run, task, 0, -1);
  });
  run.commit = data.commit ?? run.commit;
  run.findings.push(...data.findings);
};

export const countRequirements = (run: Run, task: Task, tasks: number, open: number): void => {
  for (const id of task.definition.requirementIds) {
    const requirement = run.requirements.get(id);
    if (!requirement) continue;
    requirement.tasks += tasks;
    requirement.open += open;
  }
};

const release = (run: Run, taskId: TaskId): void =>
  withTask(run, taskId, (task) => {
    task.waitingFor -= 1;
    if (task.status.kind === 'waiting' && task.waitingFor === 0) become(run, task, { kind: 'waiting' });
  });

export const failAttempt = (run: Run, data: Data<'task.attempt_failed'>): void => {
  const until = Date.parse(data.retryAt);
  withAttempt(run, data.attemptId, (task) => {
    if (task.status.kind === 'active') settleAttempt(run, data.attemptId, data.usage);
    if (data.counts) task.failures += 1;
    become(run, task, { kind: 'backing_off', until });
    run.timers.add({ kind: 'retry', at: until, taskId: task.id });
  });
};

/** It will not be done. Its attempt may still be at work: what it holds comes back with its last word, or at its deadline. */
export const cancel = (run: Run, task: Task): void => {
  if (task.status.kind === 'active') withdraw(run.ledger, task.status.attempt.id);
  // The requirements of a resolution are those of the work it was for.
  if (task.resolves !== null) countRequirements(run, task, -1, -1);
  become(run, task, { kind: 'cancelled' });
};

/** Agents begin with what belongs to a phase when the run comes to it. */
export const open = (run: Run, phase: string): void => {
  if (run.opened.has(phase)) return;
  run.opened.add(phase);
  for (const task of run.tasks.values()) {
    if (task.phase === phase && task.status.kind === 'waiting') become(run, task, task.status);
  }
};

/** Requirements are those of the latest plan, served by all tasks that there are. */
export const setRequirements = (run: Run, requirementIds: readonly string[]): void => {
  run.requirements.clear();
  for (const id of requirementIds) run.requirements.set(id, { tasks: 0, open: 0 });
  for (const task of run.tasks.values()) {
    if (task.dropped || (task.resolves !== null && task.status.kind === 'cancelled')) continue;
    countRequirements(run, task, 1, task.status.kind === 'completed' ? 0 : 1);
  }
};

export const settleAttempt = (run: Run, attemptId: string, usage: Usage): void =>
  settle(run.ledger, attemptId, usage);
