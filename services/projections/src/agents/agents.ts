import { addUsage, noUsage, type RecordedEvent, type Usage } from '@partitura/shared/events';
import { type AgentResource, agentLine, placeOf } from '@partitura/shared/http';
import { type Changes, defineProjection, type Owned } from '../folding/projection.ts';
import { inheritedUsage, presentUsages } from '../usage/usage.ts';

/** An agent as it is stored: the resource, with money in whole micro-dollars. */
export interface AgentDocument extends Omit<AgentResource, 'usage' | 'inheritedUsage'>, Owned {
  readonly usage: Usage;
  readonly inheritedUsage?: Usage;
  /** Position of its `agent.spawned`. */
  readonly spawnedAt: string;
}

/** Its own stream, and what the run says to the holder of a reservation. */
const agentIds = (event: RecordedEvent): readonly string[] => {
  if (event.type === 'budget.reserved' || event.type === 'budget.denied') {
    const holder = typeof event.data === 'object' && event.data && Reflect.get(event.data, 'holder');
    return typeof holder === 'string' ? [holder] : [];
  }
  const { agentId } = placeOf(event);
  return agentId === null ? [] : [agentId];
};

/** It did something: it is at work, and this is what it did last. */
const acts = (document: AgentDocument, _: unknown, event: RecordedEvent): AgentDocument => ({
  ...document,
  status: 'running',
  lastLine: agentLine(event) ?? document.lastLine,
  revision: event.revision,
});

const waits = (document: AgentDocument, _: unknown, event: RecordedEvent): AgentDocument => ({
  ...acts(document, _, event),
  status: 'waiting',
});

const spends = (
  document: AgentDocument,
  data: { readonly usage: Usage },
  event: RecordedEvent,
): AgentDocument => ({
  ...acts(document, data, event),
  usage: addUsage(document.usage, data.usage),
  ...inheritedUsage(document, data.usage, event),
});

const released = (document: AgentDocument): AgentDocument =>
  document.endedAt === null && document.status === 'waiting' ? { ...document, status: 'running' } : document;

const changes: Changes<AgentDocument> = {
  'agent.workspace_prepared': (document, data, event) => ({
    ...acts(document, data, event),
    branch: data.branch,
  }),
  'agent.step_entered': (document, data, event) => ({
    ...acts(document, data, event),
    step: data.step,
    cycle: data.cycle,
  }),
  'agent.approach_chosen': acts,
  'agent.context_compacted': acts,
  'tool.called': (document, data, event) => ({
    ...acts(document, data, event),
    toolCalls: document.toolCalls + 1,
  }),
  'tool.returned': acts,
  'agent.checkpoint_committed': (document, data, event) => ({
    ...acts(document, data, event),
    commit: data.commit,
  }),
  'agent.knowledge_used': acts,
  'agent.reflected': acts,
  'agent.learning_recorded': acts,
  'agent.checked': acts,
  'agent.verified': acts,
  'agent.message_sent': acts,
  'agent.message_received': acts,
  'agent.interrupted': acts,
  'agent.allowance_requested': waits,
  'agent.rate_limited': waits,
  'agent.released': waits,
  'agent.crashed': (document, data, event) => ({
    ...waits(document, data, event),
    crashes: document.crashes + 1,
  }),
  'agent.resumed': (document, data, event) => ({ ...acts(document, data, event), step: data.step }),
  'agent.finished': (document, data, event) => ({
    ...acts(document, data, event),
    status: data.outcome,
    endedAt: event.time,
    commit: data.outcome === 'succeeded' ? (data.commit ?? document.commit) : document.commit,
  }),
  'model.requested': acts,
  'model.answered': spends,
  'model.failed': spends,
  'budget.reserved': released,
  'budget.denied': released,
};

export const agents = defineProjection<AgentDocument>({
  name: 'agents',
  version: 4,
  indexes: [['spawnedAt'], ['runId', 'spawnedAt'], ['projectId', 'spawnedAt'], ['status', 'spawnedAt']],
  keys: agentIds,
  inherits: true,
  begins: {
    'agent.spawned': (data, event, id) => {
      const { runId, projectId } = placeOf(event);
      return {
        id,
        runId: runId ?? '',
        projectId: projectId ?? '',
        taskId: data.taskId,
        attempt: data.attempt,
        type: data.agentType,
        model: data.model,
        status: 'running',
        step: null,
        cycle: 0,
        usage: noUsage,
        startedAt: event.time,
        endedAt: null,
        branch: data.branch,
        commit: null,
        lastLine: agentLine(event) ?? '',
        toolCalls: 0,
        crashes: 0,
        revision: event.revision,
        position: event.position,
        spawnedAt: event.position,
      };
    },
  },
  changes,
});

export const presentAgent = (document: AgentDocument): AgentResource => {
  const { spawnedAt: _, organizationId: __, usage: ___, inheritedUsage: ____, ...rest } = document;
  return { ...rest, ...presentUsages(document) };
};
