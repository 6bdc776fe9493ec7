import type { Projection } from '../../folding/projection.ts';
import { type AttemptFact, attemptFacts } from './attempt-facts.ts';
import { type CallFact, callFacts } from './call-facts.ts';
import { type FactKind, type FactReducer, factKinds } from './fact.ts';
import { type GateFact, gateFacts } from './gate-facts.ts';
import { type KnowledgeFact, knowledgeFacts } from './knowledge-facts.ts';
import { type RunFact, runFacts } from './run-facts.ts';
import { type TaskFact, taskFacts } from './task-facts.ts';

export type FactDocument = AttemptFact | CallFact | GateFact | KnowledgeFact | RunFact | TaskFact;
export type FactOf<Kind extends FactKind> = Extract<FactDocument, { readonly kind: Kind }>;

const reducers: { readonly [Kind in FactKind]: FactReducer<FactOf<Kind>> } = {
  call: callFacts,
  attempt: attemptFacts,
  task: taskFacts,
  run: runFacts,
  gate: gateFacts,
  knowledge: knowledgeFacts,
};
const all = Object.values(reducers);

const kindOf = (id: string): FactKind | undefined => factKinds.find((kind) => id.startsWith(`${kind}/`));

/** What analysts count, in one collection: an event touches several facts, and they are written in one go. */
export const facts: Projection<FactDocument> = {
  name: 'facts',
  version: 1,
  // What is inherited says what things are, and counts nowhere: see `own`.
  inherits: true,
  indexes: [
    ['kind', 'at'],
    ['runId', 'kind', 'at'],
    ['projectId', 'kind', 'at'],
    ['kind', 'position'],
  ],
  types: new Set(all.flatMap(({ types }) => types)),
  keys: (event) => all.flatMap((reducer) => reducer.ids(event)),
  // The reducer of an id's kind makes facts of that kind.
  apply: (fact, event, id) => {
    const kind = kindOf(id);
    return kind && reducers[kind].apply(fact, event, id);
  },
};
