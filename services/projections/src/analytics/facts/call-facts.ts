import {
  isFact,
  noUsage,
  parseStreamName,
  type RecordedEvent,
  tokensOf,
  type Usage,
} from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { defineFact, type Fact, hourOf } from './fact.ts';

/** What one holder (an attempt, or the planner of a run) spent on one model in one hour. */
export interface CallFact extends Fact, Usage {
  readonly kind: 'call';
  /** Null: the planner's. */
  readonly agentId: string | null;
  readonly taskId: string | null;
  readonly model: string;
  /** Position of its first call: says in which phase of the run it was. */
  readonly firstAt: string;
  readonly failedCalls: number;
  /** Spent tokens, and cost nothing: of a model that is free, that rehearses, or whose price nobody knows. */
  readonly freeCalls: number;
  /** Of answers. */
  readonly durationMs: number;
}

interface Called {
  readonly model: string;
  readonly usage: Usage;
}

const isCall = isFact('model.answered', 'model.failed');
const modelIn = (event: RecordedEvent): string => (isCall(event) ? event.data.model : 'unknown');

const spent = (fact: CallFact, { usage }: Called, failed: number, durationMs: number): CallFact => ({
  ...fact,
  inputTokens: fact.inputTokens + usage.inputTokens,
  outputTokens: fact.outputTokens + usage.outputTokens,
  cacheReadTokens: fact.cacheReadTokens + usage.cacheReadTokens,
  cacheWriteTokens: fact.cacheWriteTokens + usage.cacheWriteTokens,
  costMicroUsd: fact.costMicroUsd + usage.costMicroUsd,
  calls: fact.calls + usage.calls,
  failedCalls: fact.failedCalls + failed,
  freeCalls: fact.freeCalls + Number(usage.costMicroUsd === 0 && tokensOf(usage) > 0),
  durationMs: fact.durationMs + durationMs,
});

export const callFacts = defineFact<CallFact>({
  kind: 'call',
  keys: (event) => [`${parseStreamName(event.stream).id}/${hourOf(event.time)}/${modelIn(event)}`],
  at: ({ time }) => hourOf(time),
  begin: (event, _, common) => {
    const { agentId, taskId } = placeOf(event);
    return {
      ...common,
      ...noUsage,
      agentId,
      taskId,
      model: modelIn(event),
      firstAt: event.position,
      failedCalls: 0,
      freeCalls: 0,
      durationMs: 0,
    };
  },
  steps: {
    'model.answered': (fact, data) => spent(fact, data, 0, data.durationMs),
    'model.failed': (fact, data) => spent(fact, data, 1, 0),
  },
});
