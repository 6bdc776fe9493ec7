import { addUsage, noUsage } from '@partitura/shared/events';
import type { TaskStatus } from '@partitura/shared/http';
import { withValue } from '../folding/records.ts';
import type { ChildTask, TaskDocument } from './task-document.ts';

/** An epic or a story is never given to an agent: where it stands is where the tasks in it stand. */
export const sumUp = (parent: TaskDocument, child: TaskDocument): TaskDocument => {
  const { status, usage, attempts, startedAt, completedAt } = child;
  const children = withValue<ChildTask>(parent.children ?? {}, child.id, {
    status,
    usage,
    attempts,
    startedAt,
    completedAt,
  });
  // A subtask of a task: the task has an agent of its own and says itself where it stands.
  if (parent.children === null) return parent;
  const all = Object.values(children);
  const sum = statusOf(all.map((one) => one.status));
  return {
    ...parent,
    children,
    status: sum,
    usage: all.reduce((total, one) => addUsage(total, one.usage), noUsage),
    attempts: all.reduce((total, one) => total + one.attempts, 0),
    startedAt: earliest(all),
    completedAt: sum === 'completed' ? latest(all) : null,
    revision: Math.max(parent.revision, child.revision),
  };
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

const statusOf = (children: readonly TaskStatus[]): TaskStatus => {
  const worst = order.find((status) => children.includes(status));
  if (worst) return worst;
  const wanted = children.filter((status) => status !== 'cancelled');
  if (wanted.length === 0) return 'cancelled';
  if (wanted.every((status) => status === 'completed')) return 'completed';
  if (wanted.includes('completed')) return 'running';
  return wanted.includes('ready') ? 'ready' : 'pending';
};

const times = (children: readonly ChildTask[], which: 'startedAt' | 'completedAt'): string[] =>
  children.flatMap((child) => child[which] ?? []).sort();
const earliest = (children: readonly ChildTask[]): string | null => times(children, 'startedAt')[0] ?? null;
const latest = (children: readonly ChildTask[]): string | null =>
  times(children, 'completedAt').at(-1) ?? null;
