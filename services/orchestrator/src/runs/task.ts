import type { AttemptId, Finding, Problem, TaskId, Usage } from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';

/** One attempt that an agent was asked to make, or makes. */
export interface Attempt {
  readonly id: AttemptId;
  readonly number: number;
  readonly model: string;
  startedAt: number | null;
}

/** Where a task stands. Only one of these at a time, with what belongs to it. */
export type TaskStatus =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'active'; readonly attempt: Attempt }
  | { readonly kind: 'in_review'; readonly attempt: Attempt; readonly work: SubmittedWork }
  | { readonly kind: 'backing_off'; readonly until: number }
  | { readonly kind: 'completed' }
  | { readonly kind: 'dead_letter'; readonly problem: Problem; readonly work: SubmittedWork | null }
  | { readonly kind: 'blocked'; readonly by: TaskId }
  | { readonly kind: 'cancelled' };

/** What an agent handed in, kept until it is merged. */
export interface SubmittedWork {
  readonly branch: string;
  readonly commit: string;
  readonly usage: Usage;
  readonly requirementIds: readonly string[];
  readonly findings: readonly Finding[];
}

export interface Task {
  readonly id: TaskId;
  /** As planned; what it waits for may be changed until somebody begins. */
  definition: TaskDefinition;
  readonly phase: string;
  /** In the order of addition: the last word where all else is equal. */
  readonly index: number;
  status: TaskStatus;
  /** Dependencies that are not completed. */
  waitingFor: number;
  readonly dependants: TaskId[];
  /** Estimated tokens on the longest path from here to the end: the longer, the sooner it has to begin. */
  readonly pathTokens: number;
  /** The task whose work this one brings through a merge conflict. */
  readonly resolves: TaskId | null;
  /** The task that brings this one's work through a merge conflict. */
  resolvedBy: TaskId | null;
  /** Attempts made, which names the next one. */
  attempts: number;
  /** Of those, the ones that count against the limit. A wrong key is not the task's fault. */
  failures: number;
  /** What was handed in last; once it is merged, what it became. */
  handedIn: { readonly branch: string; readonly commit: string } | null;
  /** The latest wish to have that checked again, until it was. */
  checking: string | null;
  /** Its result was rejected, and there is no other yet. */
  rejected: boolean;
  /** Cancelled by a changed plan: it counts for no requirement. */
  dropped: boolean;
  /** An operator's choice for the attempts to come. */
  model: string | null;
}

export const isOpen = (status: TaskStatus): boolean => {
  switch (status.kind) {
    case 'waiting':
    case 'ready':
    case 'active':
    case 'in_review':
    case 'backing_off':
      return true;
    case 'completed':
    case 'dead_letter':
    case 'blocked':
    case 'cancelled':
      return false;
  }
};

/** The attempt of a task that is at work or in review under this very id; null for a late word of one that is not any more. */
export const attemptOf = (task: Task | undefined, attemptId: string): Attempt | null => {
  if (!task || (task.status.kind !== 'active' && task.status.kind !== 'in_review')) return null;
  return task.status.attempt.id === attemptId ? task.status.attempt : null;
};

/** The task an attempt belongs to: `<task>.a<n>`. */
export const taskIdOfAttempt = (attemptId: string): TaskId =>
  attemptId.slice(0, attemptId.lastIndexOf('.a')) as TaskId;
