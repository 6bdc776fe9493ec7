import { placeOf } from '@partitura/shared/http';
import { defineFact, type Fact, hourOf } from './fact.ts';

/** What became known in a project in one hour, and what fell. */
export interface KnowledgeFact extends Fact {
  readonly kind: 'knowledge';
  readonly runId: null;
  readonly added: number;
  readonly retracted: number;
  /** How often a piece was put into an agent's context. */
  readonly used: number;
}

export const knowledgeFacts = defineFact<KnowledgeFact>({
  kind: 'knowledge',
  keys: (event) => [`${placeOf(event).projectId ?? ''}/${hourOf(event.time)}`],
  at: ({ time }) => hourOf(time),
  begin: (_, __, common) => ({ ...common, runId: null, added: 0, retracted: 0, used: 0 }),
  steps: {
    'knowledge.node_added': (fact) => ({ ...fact, runId: null, added: fact.added + 1 }),
    'knowledge.node_retracted': (fact) => ({ ...fact, runId: null, retracted: fact.retracted + 1 }),
    'knowledge.node_used': (fact) => ({ ...fact, runId: null, used: fact.used + 1 }),
  },
});
