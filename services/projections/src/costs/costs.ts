import { addUsage, noUsage, parseStreamName, type RecordedEvent, type Usage } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import { type CostResource, placeOf } from '@partitura/shared/http';
import { defineProjection, type Projected } from '../folding/projection.ts';
import { valueIn, withoutValue, withValue } from '../folding/records.ts';
import { presentUsage } from '../usage/usage.ts';

type Lines = Readonly<Record<string, Usage>>;

/** Where tokens and money of a run went, in whole micro-dollars. */
export interface CostDocument extends Projected {
  /** What it spent itself. */
  readonly total: Usage;
  /** Of a fork: what its past cost, which its parent paid. In no other figure. */
  readonly inherited?: Usage;
  readonly byModel: Lines;
  readonly byPhase: Lines;
  readonly byAgentType: Lines;
  /** The phase the run is in: what is spent now is spent in it. */
  readonly phase: string;
  /** Of the agents at work. */
  readonly agentTypes: Readonly<Record<string, string>>;
}

const plannersType = 'planner';

const spent = (
  document: CostDocument,
  { model, usage }: { readonly model: string; readonly usage: Usage },
  event: RecordedEvent,
): CostDocument => {
  if (isInherited(event)) return { ...document, inherited: addUsage(document.inherited ?? noUsage, usage) };
  const add = (lines: Lines, key: string): Lines =>
    withValue(lines, key, addUsage(valueIn(lines, key) ?? noUsage, usage));
  return {
    ...document,
    total: addUsage(document.total, usage),
    byModel: add(document.byModel, model),
    byPhase: add(document.byPhase, document.phase),
    byAgentType: add(document.byAgentType, agentTypeOf(document, event)),
  };
};

const agentTypeOf = (document: CostDocument, event: RecordedEvent): string => {
  const { category, id } = parseStreamName(event.stream);
  return category === 'agent' ? (valueIn(document.agentTypes, id) ?? 'unknown') : plannersType;
};

export const costs = defineProjection<CostDocument>({
  name: 'costs',
  version: 3,
  indexes: [],
  inherits: true,
  keys: (event) => {
    const { runId } = placeOf(event);
    return runId === null ? [] : [runId];
  },
  begins: {
    'run.created': (_, event, id) => ({
      id,
      total: noUsage,
      byModel: {},
      byPhase: {},
      byAgentType: {},
      phase: 'none',
      agentTypes: {},
      position: event.position,
    }),
  },
  changes: {
    'run.forked': (document) => document,
    'phase.entered': (document, { phase }) => ({ ...document, phase }),
    'agent.spawned': (document, { agentType }, event) => ({
      ...document,
      agentTypes: withValue(document.agentTypes, parseStreamName(event.stream).id, agentType),
    }),
    'agent.finished': (document, _, event) => ({
      ...document,
      agentTypes: withoutValue(document.agentTypes, parseStreamName(event.stream).id),
    }),
    'model.answered': spent,
    'model.failed': spent,
  },
});

export const presentCost = (document: CostDocument): CostResource => ({
  runId: document.id,
  total: presentUsage(document.total),
  ...(document.inherited ? { inherited: presentUsage(document.inherited) } : {}),
  byModel: presentLines(document.byModel),
  byPhase: presentLines(document.byPhase),
  byAgentType: presentLines(document.byAgentType),
  position: document.position,
});

/** The dearest first. */
const presentLines = (lines: Lines): CostResource['byModel'] =>
  Object.entries(lines)
    .map(([key, usage]) => ({ key, usage: presentUsage(usage) }))
    .sort(
      (left, right) =>
        right.usage.costUsd - left.usage.costUsd ||
        right.usage.inputTokens - left.usage.inputTokens ||
        (left.key < right.key ? -1 : 1),
    );
