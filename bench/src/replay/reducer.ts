import {
  type AgentEvent,
  type DomainEvent,
  noUsage,
  type RecordedEvent,
  type Usage,
} from '@partitura/shared/events';

export interface Attempt {
  step: string;
  cycle: number;
  toolCalls: number;
  toolMs: number;
  outcome: string | null;
  usage: Usage;
  lastPosition: string;
}

export interface Overview {
  readonly attempts: Map<string, Attempt>;
  readonly costByRun: Map<string, number>;
}

export const emptyOverview = (): Overview => ({ attempts: new Map(), costByRun: new Map() });

/** What a read model of agents folds: a document per stream, sums per run. */
export const evolve = (overview: Overview, recorded: RecordedEvent): Overview => {
  const attempt = attemptOf(overview, recorded.stream);
  attempt.lastPosition = recorded.position;
  // The log has agent events only.
  const event = recorded as DomainEvent as AgentEvent;
  switch (event.type) {
    case 'agent.step_entered':
      attempt.step = event.data.step;
      attempt.cycle = event.data.cycle;
      break;
    case 'tool.returned':
      attempt.toolCalls += 1;
      attempt.toolMs += event.data.durationMs;
      break;
    case 'agent.finished': {
      const run = recorded.metadata.runId ?? '';
      attempt.outcome = event.data.outcome;
      attempt.usage = event.data.usage;
      overview.costByRun.set(run, (overview.costByRun.get(run) ?? 0) + event.data.usage.costMicroUsd);
      break;
    }
    default:
      break;
  }
  return overview;
};

const attemptOf = ({ attempts }: Overview, stream: string): Attempt => {
  const known = attempts.get(stream);
  if (known) return known;
  const created: Attempt = {
    step: 'reason',
    cycle: 0,
    toolCalls: 0,
    toolMs: 0,
    outcome: null,
    usage: noUsage,
    lastPosition: '',
  };
  attempts.set(stream, created);
  return created;
};
