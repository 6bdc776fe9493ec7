import type { RecordedEvent } from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { defineFact, type Fact } from './fact.ts';

export const runOutcomes = ['completed', 'failed', 'cancelled', 'stopped'] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/** One run: what it was given, how it ended, and what was foretold of it. */
export interface RunFact extends Fact {
  readonly kind: 'run';
  readonly runId: string;
  readonly workflow: string;
  readonly model: string;
  readonly rehearsal: boolean;
  readonly maxAgents: number;
  readonly forked: boolean;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: RunOutcome | null;
  /** Which phase it was in from which position on, in order. */
  readonly phases: readonly { readonly phase: string; readonly from: string }[];
  /** Of the plan that was proposed last; null before one was. */
  readonly estimate: {
    readonly criticalPathMs: number;
    readonly durationP50Ms: number;
    readonly durationP90Ms: number;
  } | null;
}

const ended =
  (outcome: RunOutcome) =>
  (fact: RunFact, _: unknown, { time }: RecordedEvent): RunFact => ({
    ...fact,
    outcome,
    endedAt: time,
    at: time,
  });

const goesOn = (fact: RunFact): RunFact => ({ ...fact, outcome: null, endedAt: null });

export const runFacts = defineFact<RunFact>({
  kind: 'run',
  keys: (event) => {
    const { runId } = placeOf(event);
    return runId === null ? [] : [runId];
  },
  begin: (_, runId, common) => ({
    ...common,
    runId,
    workflow: 'unknown',
    model: 'unknown',
    rehearsal: false,
    maxAgents: 1,
    forked: false,
    startedAt: null,
    endedAt: null,
    outcome: null,
    phases: [],
    estimate: null,
  }),
  describing: ['phase.entered', 'plan.proposed'],
  steps: {
    'run.created': (fact, { configuration: { workflow, model, rehearsal, maxAgents } }) => ({
      ...fact,
      ...{ model, rehearsal, maxAgents },
      workflow: workflow.name,
    }),
    'run.forked': (fact) => ({ ...fact, forked: true }),
    'run.started': (fact, _, { time }) => ({ ...fact, startedAt: fact.startedAt ?? time }),
    // A failed run may be taken up again.
    'run.resumed': goesOn,
    'phase.entered': (fact, { phase }, { position }) => ({
      ...goesOn(fact),
      phases: [...fact.phases, { phase, from: position }],
    }),
    'plan.proposed': (fact, { criticalPathMs, durationMs }) => ({
      ...fact,
      estimate: { criticalPathMs, durationP50Ms: durationMs.p50, durationP90Ms: durationMs.p90 },
    }),
    'run.completed': ended('completed'),
    'run.failed': ended('failed'),
    'run.cancelled': ended('cancelled'),
    'run.stopped': ended('stopped'),
  },
});

/** The phase that a run was in at a position; null before its first. */
export const phaseAt = ({ phases }: Pick<RunFact, 'phases'>, position: string): string | null =>
  phases.findLast(({ from }) => from <= position)?.phase ?? null;
