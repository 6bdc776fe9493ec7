import {
  type Amount,
  addUsage,
  type Budget,
  noUsage,
  type RecordedEvent,
  type Usage,
} from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { defineProjection, type Projected } from '../folding/projection.ts';
import { valueIn, withoutValue, withValue } from '../folding/records.ts';

/** A run's budget as the run counts it, in whole micro-dollars. */
export interface BudgetDocument extends Projected {
  readonly limits: Budget | null;
  readonly spent: Usage;
  /** By holder: an attempt, or `plan`. */
  readonly held: Readonly<Record<string, Amount>>;
  /** Of a fork, by holder: what its parent paid already, of what the holder tells in the end. */
  readonly prepaid: Readonly<Record<string, Usage>>;
}

const planHolder = 'plan';
const nothing: Amount = { tokens: 0, microUsd: 0 };

const plus = (left: Amount, right: Amount): Amount => ({
  tokens: left.tokens + right.tokens,
  microUsd: left.microUsd + right.microUsd,
});

const hold = (document: BudgetDocument, holder: string, amount: Amount | null): BudgetDocument => ({
  ...document,
  held: withValue(document.held, holder, plus(valueIn(document.held, holder) ?? nothing, amount ?? nothing)),
});

const without = (usage: Usage, paid: Usage): Usage => ({
  inputTokens: Math.max(0, usage.inputTokens - paid.inputTokens),
  outputTokens: Math.max(0, usage.outputTokens - paid.outputTokens),
  cacheReadTokens: Math.max(0, usage.cacheReadTokens - paid.cacheReadTokens),
  cacheWriteTokens: Math.max(0, usage.cacheWriteTokens - paid.cacheWriteTokens),
  costMicroUsd: Math.max(0, usage.costMicroUsd - paid.costMicroUsd),
  calls: Math.max(0, usage.calls - paid.calls),
});

const settle = (document: BudgetDocument, holder: string, usage: Usage): BudgetDocument => ({
  ...document,
  held: withoutValue(document.held, holder),
  prepaid: withoutValue(document.prepaid, holder),
  spent: addUsage(document.spent, without(usage, valueIn(document.prepaid, holder) ?? noUsage)),
});

/** What was handed in for a merge is paid for already. */
const settleHeld = (
  document: BudgetDocument,
  { attemptId, usage }: { readonly attemptId: string; readonly usage: Usage },
): BudgetDocument =>
  valueIn(document.held, attemptId) === undefined ? document : settle(document, attemptId, usage);

export const budgets = defineProjection<BudgetDocument>({
  name: 'budgets',
  version: 1,
  indexes: [],
  keys: (event: RecordedEvent) => {
    const { runId } = placeOf(event);
    return runId === null ? [] : [runId];
  },
  inherits: true,
  begins: {
    'run.created': ({ configuration }, event, id) => ({
      id,
      limits: configuration.budget,
      spent: noUsage,
      held: {},
      prepaid: {},
      position: event.position,
    }),
  },
  changes: {
    // What its past cost was paid by its parent; who was at work has nothing set aside, and asks for what he needs.
    'run.forked': (document, { unsettled }) => ({
      ...document,
      spent: noUsage,
      held: Object.fromEntries(Object.keys(document.held).map((holder) => [holder, nothing])),
      prepaid: unsettled,
    }),
    'phase.entered': (document, { act, reservation }) =>
      act === 'agent' || act === 'tasks' ? document : hold(document, planHolder, reservation),
    'run.replan_started': (document, { reservation }) => hold(document, planHolder, reservation),
    'task.scheduled': (document, { attemptId, reservation }) => hold(document, attemptId, reservation),
    'budget.reserved': (document, { holder, amount }) => hold(document, holder, amount),
    'budget.settled': (document, { holder, usage }) => settle(document, holder, usage),
    'task.submitted': (document, { attemptId, usage }) => settle(document, attemptId, usage),
    'task.failed': (document, { attemptId, usage }) => settle(document, attemptId, usage),
    'task.completed': settleHeld,
    'task.attempt_failed': settleHeld,
  },
});

export const reservedIn = ({ held }: BudgetDocument): Amount => Object.values(held).reduce(plus, nothing);
