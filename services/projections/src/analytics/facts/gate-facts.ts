import { isFact, type RecordedEvent } from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { type Counts, defineFact, type Fact, hourOf } from './fact.ts';
import { bySeverity } from './task-facts.ts';

/** What one gate of a run said in one hour. */
export interface GateFact extends Fact {
  readonly kind: 'gate';
  readonly gate: string;
  /** Position of its first word: says in which phase of the run it was. */
  readonly firstAt: string;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  /** By severity. */
  readonly findings: Counts;
}

const isEvaluated = isFact('gate.evaluated');
const gateIn = (event: RecordedEvent): string => (isEvaluated(event) ? event.data.gate : 'unknown');

export const gateFacts = defineFact<GateFact>({
  kind: 'gate',
  keys: (event) => [`${placeOf(event).runId ?? ''}/${hourOf(event.time)}/${gateIn(event)}`],
  at: ({ time }) => hourOf(time),
  begin: (event, _, common) => ({
    ...common,
    gate: gateIn(event),
    firstAt: event.position,
    passed: 0,
    failed: 0,
    warned: 0,
    findings: {},
  }),
  steps: {
    'gate.evaluated': (fact, { verdict, findings }) => ({
      ...fact,
      [verdict]: fact[verdict] + 1,
      findings: bySeverity(findings, fact.findings),
    }),
  },
});
