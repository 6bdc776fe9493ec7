import type { RunEvent } from '@partitura/shared/events';
import { replanPhase } from '@partitura/shared/planning';
import { planHolder } from '@partitura/shared/policies';
import { isOver } from './due.ts';
import { isToBePlanned } from './routing.ts';
import { isEnded, type Run } from './state.ts';
import type { Timer } from './timers.ts';

/**
 * Of a run only what it waits for: time, agents, the planner. A replica that watches a thousand runs for the case that the one that
 * brings them on is killed need not hold a thousand plans: a run of 1,000 tasks takes megabytes, its outline some kilobytes.
 */
export interface RunOutline {
  /** Of the last event that is in it. */
  revision: number;
  status: 'running' | 'paused' | 'ended';
  wallDeadlineAt: number | null;
  /** The phase that the planner is asked to plan. */
  planning: { readonly phase: string; readonly visit: number } | null;
  /** By task: the attempt that an agent is asked to make. */
  readonly attempts: Map<string, string>;
  /** By attempt that holds something: when it is too late. */
  readonly deadlines: Map<string, number>;
  /** By task: when its backoff is over. */
  readonly retries: Map<string, number>;
  readonly approvals: Map<string, number>;
}

export const emptyOutline = (): RunOutline => ({
  revision: -1,
  status: 'running',
  wallDeadlineAt: null,
  planning: null,
  attempts: new Map(),
  deadlines: new Map(),
  retries: new Map(),
  approvals: new Map(),
});

const plans = (act: string): boolean => act === 'architecture' || act === 'plan';

const statusOf = (run: Run): RunOutline['status'] => {
  if (isEnded(run)) return 'ended';
  return run.status === 'paused' ? 'paused' : 'running';
};

const planningOf = (run: Run): RunOutline['planning'] => {
  const { phase, replanning } = run;
  if (replanning !== null && !replanning.settled) return { phase: replanPhase, visit: replanning.number };
  return phase !== null && isToBePlanned(run) ? { phase: phase.id, visit: phase.visit } : null;
};

const timersOf = <Kind extends Timer['kind']>(
  run: Run,
  kind: Kind,
): readonly Extract<Timer, { kind: Kind }>[] =>
  run.timers
    .all()
    .filter((timer): timer is Extract<Timer, { kind: Kind }> => timer.kind === kind && !isOver(run, timer));

/** The outline of a run that is in memory. */
export const outlineOf = (run: Run, revision: number): RunOutline => {
  const tasks = [...run.tasks.values()];
  return {
    revision,
    status: statusOf(run),
    wallDeadlineAt: run.wallDeadlineAt,
    planning: planningOf(run),
    attempts: new Map(
      tasks.flatMap(({ id, status }) => (status.kind === 'active' ? [[id, status.attempt.id] as const] : [])),
    ),
    deadlines: new Map(timersOf(run, 'deadline').map(({ attemptId, at }) => [attemptId, at] as const)),
    retries: new Map(
      tasks.flatMap(({ id, status }) => (status.kind === 'backing_off' ? [[id, status.until] as const] : [])),
    ),
    approvals: new Map(timersOf(run, 'approval').map(({ approvalId, at }) => [approvalId, at] as const)),
  };
};

/** Nobody works on the task now, nor does it wait for its next attempt. */
const leave = ({ attempts, retries }: RunOutline, taskId: string): void => {
  attempts.delete(taskId);
  retries.delete(taskId);
};

/** An attempt that is at work tells its last. */
const conclude = (outline: RunOutline, taskId: string, attemptId: string): void => {
  if (outline.attempts.get(taskId) === attemptId) outline.deadlines.delete(attemptId);
  leave(outline, taskId);
};

/** What ended goes on, and every deadline is as far away as it was. */
const shift = (outline: RunOutline, ms: number): void => {
  outline.status = 'running';
  outline.wallDeadlineAt = null;
  for (const times of [outline.deadlines, outline.retries])
    for (const [id, at] of times) times.set(id, at + ms);
};

const evolveRunItself = (outline: RunOutline, event: RunEvent): void => {
  switch (event.type) {
    case 'run.started':
      outline.wallDeadlineAt =
        event.data.wallDeadlineAt === null ? null : Date.parse(event.data.wallDeadlineAt);
      return;
    case 'run.forked':
      shift(outline, event.data.shiftMs);
      return;
    case 'run.paused':
      outline.status = 'paused';
      return;
    case 'run.resumed':
      outline.status = 'running';
      return;
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.stopped':
      outline.status = 'ended';
      return;
    case 'phase.entered':
      outline.planning = plans(event.data.act) ? { phase: event.data.phase, visit: event.data.visit } : null;
      return;
    case 'run.replan_started':
      outline.planning = { phase: replanPhase, visit: event.data.number };
      return;
    case 'phase.interrupted':
      outline.planning = null;
      return;
    case 'budget.settled':
      if (event.data.holder === planHolder) outline.planning = null;
      outline.deadlines.delete(event.data.holder);
      return;
    case 'approval.requested':
      if (event.data.expiresAt !== null)
        outline.approvals.set(event.data.approvalId, Date.parse(event.data.expiresAt));
      return;
    case 'approval.granted':
    case 'approval.denied':
    case 'approval.expired':
      outline.approvals.delete(event.data.approvalId);
  }
};

const evolveTask = (outline: RunOutline, event: RunEvent): void => {
  switch (event.type) {
    case 'task.scheduled':
      leave(outline, event.data.taskId);
      outline.attempts.set(event.data.taskId, event.data.attemptId);
      outline.deadlines.set(event.data.attemptId, Date.parse(event.data.deadlineAt));
      return;
    case 'task.submitted':
    case 'task.completed':
      conclude(outline, event.data.taskId, event.data.attemptId);
      return;
    case 'task.attempt_failed':
      conclude(outline, event.data.taskId, event.data.attemptId);
      outline.retries.set(event.data.taskId, Date.parse(event.data.retryAt));
      return;
    case 'task.failed':
      outline.deadlines.delete(event.data.attemptId);
      return;
    case 'task.dead_lettered':
    case 'task.blocked':
    case 'task.unblocked':
    case 'task.cancelled':
    case 'task.retried':
    case 'task.rejected':
    case 'task.due':
      leave(outline, event.data.taskId);
  }
};

/** Changes the outline it is given. */
export const evolveOutline = (outline: RunOutline, event: RunEvent): void => {
  if (event.type.startsWith('task.')) evolveTask(outline, event);
  else evolveRunItself(outline, event);
};

/** When the run has to be looked at next, as `nextDue` says of the run itself. */
export const nextDueOf = (outline: RunOutline): number | null => {
  if (outline.status === 'ended') return null;
  let soonest =
    outline.status === 'running'
      ? (outline.wallDeadlineAt ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  for (const times of [outline.deadlines, outline.retries, outline.approvals])
    for (const at of times.values()) soonest = Math.min(soonest, at);
  return soonest === Number.POSITIVE_INFINITY ? null : soonest;
};
