import type { Finding, RecordedEvent } from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { isWork } from '@partitura/shared/planning';
import { type Counts, defineFact, type Fact, withOneMore } from './fact.ts';

export const taskOutcomes = ['completed', 'dead_letter', 'cancelled'] as const;
export type TaskOutcome = (typeof taskOutcomes)[number];

/** One task that agents work at. */
export interface TaskFact extends Fact {
  readonly kind: 'task';
  readonly taskId: string;
  readonly key: string;
  /** Null where it was not said, as of a task that a fork inherited without its beginning. */
  readonly phase: string | null;
  readonly agentType: string;
  readonly dependsOn: readonly string[];
  readonly estimatedTokens: number;
  /** Epics and stories group others, and count nowhere. */
  readonly isWork: boolean;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: TaskOutcome | null;
  /** From the first agent's beginning to the end. */
  readonly durationMs: number | null;
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly merged: boolean;
  readonly conflicts: number;
  readonly mergeRejections: number;
  /** By severity, of the work that was taken. */
  readonly findings: Counts;
}

const ended = (fact: TaskFact, outcome: TaskOutcome, { time }: RecordedEvent): TaskFact => ({
  ...fact,
  outcome,
  endedAt: time,
  at: time,
  durationMs: fact.startedAt === null ? null : Math.max(0, Date.parse(time) - Date.parse(fact.startedAt)),
});

const open = (fact: TaskFact): TaskFact => ({ ...fact, outcome: null, endedAt: null, durationMs: null });

export const bySeverity = (findings: readonly Finding[], counts: Counts = {}): Counts =>
  findings.reduce((sum, { severity }) => withOneMore(sum, severity), counts);

export const taskFacts = defineFact<TaskFact>({
  kind: 'task',
  keys: (event) => {
    const { taskId } = placeOf(event);
    return taskId === null ? [] : [taskId];
  },
  begin: (_, taskId, common) => ({
    ...common,
    taskId,
    key: taskId.slice(taskId.indexOf('.') + 1),
    phase: null,
    agentType: 'unknown',
    dependsOn: [],
    estimatedTokens: 0,
    isWork: true,
    startedAt: null,
    endedAt: null,
    outcome: null,
    durationMs: null,
    attempts: 0,
    failedAttempts: 0,
    merged: false,
    conflicts: 0,
    mergeRejections: 0,
    findings: {},
  }),
  describing: ['task.added', 'task.rewired'],
  steps: {
    'task.added': (fact, { phase, definition }) => ({
      ...fact,
      phase,
      key: definition.key,
      agentType: definition.agentType,
      dependsOn: definition.dependsOn,
      estimatedTokens: definition.estimatedTokens,
      isWork: isWork(definition),
    }),
    'task.rewired': (fact, { dependsOn }) => ({ ...fact, dependsOn }),
    'task.scheduled': (fact, { agentType }) => ({ ...open(fact), agentType, attempts: fact.attempts + 1 }),
    'task.started': (fact, { at }) => ({ ...fact, startedAt: fact.startedAt ?? at }),
    'task.attempt_failed': (fact) => ({ ...fact, failedAttempts: fact.failedAttempts + 1 }),
    'task.failed': (fact) => ({ ...fact, failedAttempts: fact.failedAttempts + 1 }),
    'task.completed': (fact, { findings }, event) => ({
      ...ended(fact, 'completed', event),
      findings: bySeverity(findings),
    }),
    'task.dead_lettered': (fact, _, event) => ended(fact, 'dead_letter', event),
    'task.cancelled': (fact, _, event) => ended(fact, 'cancelled', event),
    'task.retried': open,
    'task.rejected': open,
    'merge.completed': (fact) => ({ ...fact, merged: true }),
    'merge.conflicted': (fact) => ({ ...fact, conflicts: fact.conflicts + 1 }),
    'merge.rejected': (fact) => ({ ...fact, mergeRejections: fact.mergeRejections + 1 }),
  },
});
