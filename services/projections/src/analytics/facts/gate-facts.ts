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

export const gateFacts = defineFact<GateFact>({
  kind: 'gate',
  keys: (event) => {
    const { gate } = event.data as { readonly gate: string };
    return [`${placeOf(event).runId ?? ''}/${hourOf(event.time)}/${gate}`];
  },
  at: ({ time }) => hourOf(time),
  begin: (event) => ({
    gate: (event.data as { readonly gate: string }).gate,
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
