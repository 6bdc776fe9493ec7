import type {
  BlobReference,
  DocumentReference,
  Finding,
  Ownership,
  Problem,
  RunConfiguration,
  TaskId,
} from '@partitura/shared/events';
import type { Ledger } from '@partitura/shared/policies';
import type { ReadySet } from './ready-set.ts';
import type { Task } from './task.ts';
import type { Timers } from './timers.ts';

export interface CurrentPhase {
  readonly id: string;
  readonly visit: number;
  /** In phases of planning: the planner is done with it. */
  planned: boolean;
  /** The planner failed for a reason that somebody can mend; a resume enters the phase again. */
  interrupted: boolean;
}

export type RunStatus =
  | 'running'
  | 'paused'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'stopped_budget'
  | 'stopped_policy';

/** A wish to change the plan for another PRD. */
export interface Replan {
  readonly number: number;
  readonly prd: DocumentReference;
  readonly prdRevision: number;
}

/** One that the planner took up. Both have to come before the next may begin. */
export interface Replanning extends Replan {
  /** The planner has told what it spent. */
  settled: boolean;
  /** The changed plan was accepted, or there is none. */
  over: boolean;
}

export interface PendingApproval {
  readonly action: string;
  readonly subject: string;
  readonly bindingHash: string;
  readonly expiresAt: number | null;
}

/** Everything that deciding on a run takes, folded from `run-<id>`. Owned by the fold: nobody else changes it. */
export interface Run {
  readonly id: string;
  readonly owner: Ownership;
  readonly projectId: string;
  readonly configuration: RunConfiguration;
  status: RunStatus;
  failure: Problem | null;
  phase: CurrentPhase | null;
  readonly visits: Map<string, number>;
  /** Of those, the ones that a planner could not end for a reason that somebody had to mend: they do not count against `maxVisits`. */
  readonly interruptions: Map<string, number>;
  plan: BlobReference | null;
  /** What the plan is for: the configuration's, until the run was re-planned. */
  prd: DocumentReference;
  /** How many re-plannings were asked for. */
  replans: number;
  /** The latest that was asked for and not begun. */
  wanted: Replan | null;
  replanning: Replanning | null;
  planRevision: number;
  /** By requirement: tasks that serve it, and how many of them are not completed. */
  readonly requirements: Map<string, { tasks: number; open: number }>;
  /** What agents work on; epics and stories only group and are not here. */
  readonly tasks: Map<TaskId, Task>;
  /** Epics and stories: only their ids, which nothing else may have. */
  readonly groups: Set<TaskId>;
  /** Phases of agents that the run has come to: their tasks may begin. */
  readonly opened: Set<string>;
  readonly ready: ReadySet;
  readonly timers: Timers;
  /** When its time is up, in milliseconds since the epoch; null for no such limit. */
  wallDeadlineAt: number | null;
  readonly ledger: Ledger;
  /** Attempts that have an agent or wait for one. */
  active: number;
  /** Work tasks that are neither completed, cancelled, dead nor blocked, by phase. */
  readonly openByPhase: Map<string, number>;
  deadLettered: number;
  /** Of the last merge. */
  commit: string | null;
  /** Of the latest review. */
  findings: Finding[];
  readonly approvals: Map<string, PendingApproval>;
  /** The latest revision of the plan that somebody was asked about. */
  askedRevision: number;
  /** Plans that somebody said yes to and that are not accepted yet, by the hash of their document. */
  readonly grantedPlans: Set<string>;
  /** In single-step mode: the operator said go for the next task. */
  stepsAllowed: number;
}

/** A run's stream before its first event has nothing to say. */
export type RunState = Run | null;

export const isEnded = (run: Run): boolean => run.status !== 'running' && run.status !== 'paused';
