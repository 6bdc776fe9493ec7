import type { Repository } from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';
import { defaultLoopLimits, type LoopLimits } from '@partitura/shared/policies';

/**
 * How an agent goes about it. `work`: the whole RARV cycle in a worktree. `review`: it reads and judges. `plain`: there is no
 * worktree and nothing to check, so one answer is the work.
 */
export type Mode = 'work' | 'review' | 'plain';

/** All that the machine has to know of an attempt besides its own stream. Never changes while the attempt lasts. */
export interface Assignment {
  readonly projectId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly attemptId: string;
  readonly attempt: number;
  readonly task: TaskDefinition;
  readonly agentType: string;
  readonly model: string;
  readonly mode: Mode;
  readonly repository: Repository | null;
  readonly runBranch: string | null;
  /** Where the run’s branch begins; null for where the base branch is. */
  readonly startingCommit: string | null;
  /** The attempt's own branch; null where nothing is committed. */
  readonly branch: string | null;
  /** How often verify may be reached before the attempt has failed. */
  readonly maxCycles: number;
  readonly limits: MachineLimits;
}

export interface MachineLimits extends LoopLimits {
  /** How often an answer of the wrong shape is asked for again. */
  readonly maxRepairs: number;
  /** Times in a row that no model could be reached before the attempt has failed. Rate limits never count. */
  readonly maxOutages: number;
}

export const defaultLimits: MachineLimits = { ...defaultLoopLimits, maxRepairs: 2, maxOutages: 12 };
