import { addUsage, noUsage, type Usage } from '@partitura/shared/events';
import type { TaskStatus } from '@partitura/shared/http';
import { valueIn } from '../folding/records.ts';
import type { ChildTask, TaskDocument } from './task-document.ts';

/** What the tasks of a group come to. */
interface Tally {
  readonly statuses: Map<TaskStatus, number>;
  usage: Usage;
  attempts: number;
  startedAt: string | null;
}

/** By the record of the tasks, while a fold has it: with a thousand of them, going through all for every event of each was a third of the fold. */
const tallies = new WeakMap<Readonly<Record<string, ChildTask>>, Tally>();

/**
 * An epic or a story is never given to an agent: where it stands is where the tasks in it stand. The parent is the fold's own: its record of
 * the tasks is changed where it is, because copying a thousand of them with every event of each was half of what a run's state cost.
 */
export const sumUp = (parent: TaskDocument, child: TaskDocument): TaskDocument => {
  const { children } = parent;
  // A subtask of a task: the task has an agent of its own and says itself where it stands.
  if (children === null) return parent;
  const tally = tallyWith(children, child);
  const sum = statusOf(tally.statuses);
  return {
    ...parent,
    status: sum,
    usage: tally.usage,
    attempts: tally.attempts,
    startedAt: tally.startedAt,
    completedAt: sum === 'completed' ? lastOf(Object.values(children).map((one) => one.completedAt)) : null,
    revision: Math.max(parent.revision, child.revision),
  };
};

/** Puts the child in the record, and in the tally in the place of what it was. */
const tallyWith = (children: Record<string, ChildTask>, child: TaskDocument): Tally => {
  const { status, usage, attempts, startedAt, completedAt } = child;
  const before = valueIn(children, child.id);
  const tally = tallies.get(children) ?? tallyOf(Object.values(children));
  const now: ChildTask = { status, usage, attempts, startedAt, completedAt };
  children[child.id] = now;
  const startsAsBefore = before === undefined || before.startedAt === null || before.startedAt === startedAt;
  const next = startsAsBefore ? tally : tallyOf(Object.values(children));
  if (startsAsBefore) {
    if (before) count(tally, before, -1);
    count(tally, now, 1);
  }
  tallies.set(children, next);
  return next;
};

const tallyOf = (children: readonly ChildTask[]): Tally => {
  const tally: Tally = { statuses: new Map(), usage: noUsage, attempts: 0, startedAt: null };
  for (const child of children) count(tally, child, 1);
  return tally;
};

const count = (tally: Tally, { status, usage, attempts, startedAt }: ChildTask, by: 1 | -1): void => {
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + by);
  tally.usage = addUsage(tally.usage, by === 1 ? usage : negative(usage));
  tally.attempts += by * attempts;
  if (startedAt !== null && (tally.startedAt === null || startedAt < tally.startedAt))
    tally.startedAt = startedAt;
};

const negative = ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  costMicroUsd,
  calls,
}: Usage): Usage => ({
  inputTokens: -inputTokens,
  outputTokens: -outputTokens,
  cacheReadTokens: -cacheReadTokens,
  cacheWriteTokens: -cacheWriteTokens,
  costMicroUsd: -costMicroUsd,
  calls: -calls,
});

/** The worst that needs somebody comes first, then what goes on; done is only what is done altogether. */
const order: readonly TaskStatus[] = [
  'dead_letter',
  'failed',
  'running',
  'in_review',
  'scheduled',
  'blocked',
];

const statusOf = (counts: ReadonlyMap<TaskStatus, number>): TaskStatus => {
  const has = (status: TaskStatus): boolean => (counts.get(status) ?? 0) > 0;
  const worst = order.find(has);
  if (worst) return worst;
  const wanted = [...counts.keys()].filter((status) => status !== 'cancelled' && has(status));
  if (wanted.length === 0) return 'cancelled';
  if (wanted.every((status) => status === 'completed')) return 'completed';
  if (has('completed')) return 'running';
  return has('ready') ? 'ready' : 'pending';
};

const lastOf = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
