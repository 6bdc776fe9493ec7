import { type CheckResult, parseStreamName } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import { placeOf } from '@partitura/shared/http';
import { defineFact, type Fact } from './fact.ts';

/** A time that somebody was at work: from, and to, or null while they still are. ISO 8601 UTC. */
export type Stretch = readonly [from: string, to: string | null];

/** One agent's attempt at a task. */
export interface AttemptFact extends Fact {
  readonly kind: 'attempt';
  readonly agentId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly agentType: string;
  readonly model: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | null;
  /** Without the time in which nobody had it. */
  readonly stretches: readonly Stretch[];
  readonly turns: number;
  readonly toolCalls: number;
  readonly toolFailures: number;
  readonly crashes: number;
  /** Whether its checks passed when they were run first; null before they were. */
  readonly firstChecksPassed: boolean | null;
  readonly nodeIds: readonly string[];
}

const begins = (stretches: readonly Stretch[], time: string): readonly Stretch[] =>
  stretches.at(-1)?.[1] === null ? stretches : [...stretches, [time, null]];

const ends = (stretches: readonly Stretch[], time: string): readonly Stretch[] => {
  const last = stretches.at(-1);
  return last && last[1] === null ? [...stretches.slice(0, -1), [last[0], time]] : stretches;
};

const looked = (fact: AttemptFact, checks: readonly CheckResult[]): AttemptFact =>
  fact.firstChecksPassed === null && checks.length > 0
    ? { ...fact, firstChecksPassed: checks.every(({ outcome }) => outcome !== 'failed') }
    : fact;

export const attemptFacts = defineFact<AttemptFact>({
  kind: 'attempt',
  keys: ({ stream }) => {
    const { category, id } = parseStreamName(stream);
    return category === 'agent' ? [id] : [];
  },
  begin: (event, agentId, common) => ({
    ...common,
    agentId,
    taskId: placeOf(event).taskId ?? '',
    attempt: Number(/\.a(\d+)$/.exec(agentId)?.[1] ?? 1),
    agentType: 'unknown',
    model: 'unknown',
    startedAt: event.time,
    endedAt: null,
    outcome: null,
    stretches: [],
    turns: 0,
    toolCalls: 0,
    toolFailures: 0,
    crashes: 0,
    firstChecksPassed: null,
    nodeIds: [],
  }),
  describing: ['agent.spawned'],
  steps: {
    'agent.spawned': (fact, { attempt, agentType, model, taskId }, event) => ({
      ...fact,
      ...{ attempt, agentType, model, taskId },
      stretches: isInherited(event) ? fact.stretches : begins(fact.stretches, event.time),
    }),
    'agent.resumed': (fact, _, { time }) => ({ ...fact, stretches: begins(fact.stretches, time) }),
    'agent.released': (fact, _, { time }) => ({ ...fact, stretches: ends(fact.stretches, time) }),
    'agent.crashed': (fact, _, { time }) => ({
      ...fact,
      crashes: fact.crashes + 1,
      stretches: ends(fact.stretches, time),
    }),
    'model.answered': (fact) => ({ ...fact, turns: fact.turns + 1 }),
    'tool.called': (fact) => ({ ...fact, toolCalls: fact.toolCalls + 1 }),
    'tool.returned': (fact, { outcome }) => ({
      ...fact,
      toolFailures: fact.toolFailures + Number(outcome !== 'succeeded'),
    }),
    'agent.checked': (fact, { checks }) => looked(fact, checks),
    'agent.verified': (fact, { checks }) => looked(fact, checks),
    'agent.knowledge_used': (fact, { nodeIds }) => ({
      ...fact,
      nodeIds: [...new Set([...fact.nodeIds, ...nodeIds])],
    }),
    'agent.finished': (fact, { outcome }, { time }) => ({
      ...fact,
      outcome,
      endedAt: time,
      at: time,
      stretches: ends(fact.stretches, time),
    }),
  },
});
