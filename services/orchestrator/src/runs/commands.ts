import type {
  Amount,
  BlobReference,
  CheckResult,
  CiStatus,
  DocumentReference,
  Finding,
  Problem,
  RunConfiguration,
  Usage,
} from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';

interface Timed {
  /** Milliseconds since the epoch; the decider has no clock. */
  readonly at: number;
}

interface OfAttempt extends Timed {
  readonly attemptId: string;
}

export type RunCommand =
  | (Timed & {
      readonly kind: 'start';
      readonly runId: string;
      readonly projectId: string;
      readonly configuration: RunConfiguration;
    })
  | (Timed & { readonly kind: 'pause'; readonly reason: 'operator' | 'interrupted'; readonly detail: string })
  | (Timed & { readonly kind: 'resume' })
  | (Timed & { readonly kind: 'cancel'; readonly reason: string })
  | (Timed & ProposedPlan & { readonly kind: 'accept_plan' })
  | (Timed & {
      readonly kind: 'finish_planning';
      readonly phase: string;
      readonly visit: number;
      readonly usage: Usage;
    })
  | (Timed & {
      readonly kind: 'fail_planning';
      readonly phase: string;
      readonly visit: number;
      readonly problem: Problem;
      readonly usage: Usage;
    })
  | (OfAttempt & { readonly kind: 'start_attempt' })
  | (OfAttempt & FinishedWork & { readonly kind: 'finish_attempt' })
  | (OfAttempt & { readonly kind: 'fail_attempt'; readonly problem: Problem; readonly usage: Usage })
  /** Its runner let go of it for good, because the run or the operator wanted that. */
  | (OfAttempt & { readonly kind: 'end_attempt'; readonly usage: Usage })
  | (OfAttempt & { readonly kind: 'complete_merge'; readonly commit: string })
  | (OfAttempt & {
      readonly kind: 'report_conflict';
      readonly branch: string;
      readonly files: readonly string[];
    })
  | (OfAttempt & { readonly kind: 'reject_merge'; readonly problem: Problem })
  | (Timed & {
      readonly kind: 'request_allowance';
      readonly holder: string;
      readonly requestId: string;
      readonly amount: Amount;
    })
  | (Timed & { readonly kind: 'retry_task'; readonly taskId: string; readonly model: string | null })
  | (Timed & { readonly kind: 'retry_all'; readonly model: string | null })
  | (Timed & { readonly kind: 'approve_task'; readonly taskId: string; readonly comment: string })
  | (Timed & { readonly kind: 'cancel_task'; readonly taskId: string; readonly reason: string })
  | (Timed & {
      readonly kind: 'reject_task';
      readonly taskId: string;
      readonly reason: string;
      readonly redo: boolean;
    })
  /** What these attempts had in their context is not to be relied on. */
  | (Timed & {
      readonly kind: 'redo_attempts';
      readonly attemptIds: readonly string[];
      readonly reason: string;
      /** The piece of knowledge that it is about, and all pieces that nobody is to be told any more. */
      readonly because: string;
      readonly distrusted: readonly string[];
      /** False where there is no money left to do them again: they wait for an operator. */
      readonly redo: boolean;
    })
  | (Timed & CiResult & { readonly kind: 'report_ci' })
  | (Timed & { readonly kind: 'comment_task'; readonly taskId: string; readonly text: string })
  | (Timed & {
      readonly kind: 'decide_approval';
      readonly approvalId: string;
      readonly granted: boolean;
      readonly comment: string;
    })
  | (Timed & { readonly kind: 'request_checks'; readonly taskId: string; readonly requestId: string })
  | (Timed & {
      readonly kind: 'record_checks';
      readonly taskId: string;
      readonly requestId: string;
      readonly checks: readonly CheckResult[];
      readonly problem: Problem | null;
    })
  | (OfAttempt & { readonly kind: 'message_attempt'; readonly messageId: string; readonly text: string })
  | (OfAttempt & { readonly kind: 'interrupt_attempt'; readonly messageId: string; readonly reason: string })
  /** To be planned again for this PRD. */
  | (Timed & {
      readonly kind: 'request_replan';
      readonly prd: DocumentReference;
      readonly prdRevision: number;
    })
  /** Time has passed: deadlines, backoffs and limits that are due. */
  | (Timed & { readonly kind: 'pass_time' });

export interface CiResult {
  readonly taskId: string | null;
  readonly provider: string;
  readonly name: string;
  readonly status: CiStatus;
  readonly branch: string;
  readonly commit: string | null;
  readonly url: string | null;
}

export interface ProposedPlan {
  readonly plan: BlobReference;
  readonly planRevision: number;
  readonly requirementIds: readonly string[];
  /** In an order in which every task comes after those it depends on. */
  readonly tasks: readonly TaskDefinition[];
  /** Of a plan that was made from the one before it: which re-planning made it, and whose place nothing stands in any more. */
  readonly change?: { readonly number: number; readonly dropped: readonly string[] };
}

export interface FinishedWork {
  readonly branch: string | null;
  readonly commit: string | null;
  readonly usage: Usage;
  readonly requirementIds: readonly string[];
  readonly findings: readonly Finding[];
}

export type CommandOf<Kind extends RunCommand['kind']> = Extract<RunCommand, { kind: Kind }>;
