import { noUsage, type Usage } from '@partitura/shared/events';
import type { TaskStatus } from '@partitura/shared/http';
import type { ChildTask, TaskDocument } from './task-document.ts';

/**
 * An epic or a story is never given to an agent: where it stands is where the tasks in it stand. The parent is the fold's own: its record of
 * the tasks is changed where it is, because copying a thousand of them with every event of each was half of what a run's state cost.
 */
export const sumUp = (parent: TaskDocument, child: TaskDocument): TaskDocument => {
  const { children } = parent;
  // A subtask of a task: the task has an agent of its own and says itself where it stands.
  if (children === null) return parent;
  const { status, usage, attempts, startedAt, completedAt } = child;
  children[child.id] = { status, usage, attempts, startedAt, completedAt };
  const all = Object.values(children);
  const sum = statusOf(new Set(all.map((one) => one.status)));
  return {
    ...parent,
    status: sum,
    usage: usageOf(all),
    attempts: all.reduce((total, one) => total + one.attempts, 0),
    startedAt: firstOf(all.map((one) => one.startedAt)),
    completedAt: sum === 'completed' ? lastOf(all.map((one) => one.completedAt)) : null,
    revision: Math.max(parent.revision, child.revision),
  };
};

const usageOf = (children: readonly ChildTask[]): Usage => {
  const sum = { ...noUsage };
  for (const { usage } of children) {
    sum.inputTokens += usage.inputTokens;
    sum.outputTokens += usage.outputTokens;
    sum.cacheReadTokens += usage.cacheReadTokens;
    sum.cacheWriteTokens += usage.cacheWriteTokens;
    sum.costMicroUsd += usage.costMicroUsd;
    sum.calls += usage.calls;
  }
  return sum;
};

/** The worst that needs somebody comes first, then what goes on; done is only what is done altogether. */
const order: readonly TaskStatus[] = [
  'dead_letter',
  'failed',
  'running',
  'in_review',
  'scheduled',
  'blocked',
];

const statusOf = (children: ReadonlySet<TaskStatus>): TaskStatus => {
  const worst = order.find((status) => children.has(status));
  if (worst) return worst;
  const wanted = [...children].filter((status) => status !== 'cancelled');
  if (wanted.length === 0) return 'cancelled';
  if (wanted.every((status) => status === 'completed')) return 'completed';
  if (wanted.includes('completed')) return 'running';
  return wanted.includes('ready') ? 'ready' : 'pending';
};

type Times = readonly (string | null)[];
const firstOf = (times: Times): string | null =>
  times.reduce((first, time) => (time !== null && (first === null || time < first) ? time : first), null);
const lastOf = (times: Times): string | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
