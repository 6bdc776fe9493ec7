import type { Usage } from '@partitura/shared/events';
import type { TaskResource, TaskStatus } from '@partitura/shared/http';
import type { Owned } from '../folding/projection.ts';

/** What an epic or a story has to know of a task in it. */
export interface ChildTask {
  readonly status: TaskStatus;
  readonly usage: Usage;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

/** A task as it is stored: the resource, with money in whole micro-dollars. */
export interface TaskDocument extends Omit<TaskResource, 'usage' | 'inheritedUsage'>, Owned {
  readonly usage: Usage;
  readonly inheritedUsage?: Usage;
  /** Position of its `task.added`: lists keep the plan's order. */
  readonly addedAt: string;
  /** Of an epic or a story: what it groups, by id. Null for what an agent works on. */
  readonly children: Record<string, ChildTask> | null;
}
