import type { TaskResource } from '@partitura/shared/http';

/** What the screen knows of a task. */
export interface TaskView {
  readonly key: string;
  readonly title: string;
  readonly agentType: string;
  readonly work: boolean;
  readonly tokens: number;
  status: 'queued' | 'running' | 'submitted' | 'completed' | 'failed' | 'cancelled';
  attempt: number;
  startedAt: number | null;
  usd: number;
  insertions: number;
  deletions: number;
  tests: { readonly passed: number; readonly total: number } | null;
}

export interface ApprovalView {
  readonly id: string;
  readonly action: string;
  readonly subject: string;
}

export type RunPhase =
  | { readonly kind: 'going' }
  | { readonly kind: 'paused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'ended'; readonly status: 'completed' | 'failed' | 'cancelled' | 'stopped' };

/** A run as one screen needs it: folded from its events, which may be mutated in place as nobody else has it. */
export interface RunView {
  readonly runId: string;
  startedAt: number | null;
  maxAttempts: number;
  rehearsal: boolean;
  planOnly: boolean;
  budgetUsd: number | null;
  budgetTokens: number | null;
  phase: RunPhase;
  /** Code of the last trouble that was told: what made it stand still, where it does. */
  trouble: string | null;
  readonly tasks: Map<string, TaskView>;
  readonly approvals: Map<string, ApprovalView>;
  usd: number;
  tokens: number;
  /** Tasks that began since the last line: they share one. */
  starting: TaskView[];
  now: number;
  lastPosition: string;
}

export const emptyRunView = (runId: string): RunView => ({
  runId,
  startedAt: null,
  maxAttempts: 1,
  rehearsal: false,
  planOnly: false,
  budgetUsd: null,
  budgetTokens: null,
  phase: { kind: 'going' },
  trouble: null,
  tasks: new Map(),
  approvals: new Map(),
  usd: 0,
  tokens: 0,
  starting: [],
  now: 0,
  lastPosition: '',
});

const statuses: Readonly<Partial<Record<TaskResource['status'], TaskView['status']>>> = {
  running: 'running',
  in_review: 'submitted',
  completed: 'completed',
  dead_letter: 'failed',
  cancelled: 'cancelled',
};

/** What a fork has from the run it came from, as it is told when the watching begins. */
export const inheritTask = (view: RunView, task: TaskResource): void => {
  view.tasks.set(task.id, {
    key: task.key,
    title: task.title,
    agentType: task.agentType,
    work: task.kind !== 'epic' && task.kind !== 'story',
    tokens: task.estimate.tokens,
    status: statuses[task.status] ?? 'queued',
    attempt: task.attempts,
    startedAt: task.startedAt === null ? null : Date.parse(task.startedAt),
    usd: 0,
    insertions: 0,
    deletions: 0,
    tests: null,
  });
};
