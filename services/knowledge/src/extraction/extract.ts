import { isFact, type KnowledgeNode, type RecordedAs, type RecordedEvent } from '@partitura/shared/events';
import type { Edge, KnowledgeCommand } from '../nodes/decider.ts';
import { nodeFrom } from './node.ts';

export const extractedTypes = [
  'agent.reflected',
  'agent.learning_recorded',
  'agent.knowledge_used',
  'agent.finished',
  'plan.architecture_described',
  'task.rejected',
] as const;

type Source = RecordedAs<(typeof extractedTypes)[number]>;
export const isSource = isFact(...extractedTypes);

const present = (node: KnowledgeNode | null): readonly KnowledgeNode[] => (node === null ? [] : [node]);

const agentIdOf = (event: RecordedEvent): string => event.stream.slice('agent-'.length);

const reflected = (
  event: Extract<Source, { type: 'agent.reflected' }>,
  projectId: string,
): KnowledgeCommand => {
  const decisions = event.data.decisions.flatMap((text) =>
    present(
      nodeFrom(event, projectId, {
        kind: 'decision',
        memory: 'semantic',
        text,
        tags: ['decision'],
        importance: 0.7,
      }),
    ),
  );
  const patterns = event.data.learnings.flatMap((text) =>
    present(
      nodeFrom(event, projectId, {
        kind: 'pattern',
        memory: 'procedural',
        text,
        tags: ['learning'],
        importance: 0.6,
      }),
    ),
  );
  const edges = patterns.flatMap((pattern) =>
    decisions.map(
      (decision): Edge => ({ from: pattern.nodeId, to: decision.nodeId, relation: 'relates_to' }),
    ),
  );
  return { kind: 'learn', nodes: [...decisions, ...patterns], edges };
};

const concluded = (
  event: Extract<Source, { type: 'agent.finished' }>,
  projectId: string,
): KnowledgeCommand => {
  const { data } = event;
  const succeeded = data.outcome === 'succeeded';
  const solution = succeeded
    ? nodeFrom(event, projectId, {
        kind: 'solution',
        memory: 'procedural',
        text: data.summary,
        tags: ['solution'],
        importance: 0.8,
      })
    : null;
  return { kind: 'conclude', agentId: agentIdOf(event), succeeded, solution };
};

/** What there is to know from an event; null for nothing. `architecture` is the described document, which is a blob. */
export const extract = (
  event: Source,
  projectId: string,
  architecture: string | null,
): KnowledgeCommand | null => {
  switch (event.type) {
    case 'agent.reflected':
      return reflected(event, projectId);
    case 'agent.learning_recorded': {
      const node = nodeFrom(event, projectId, {
        kind: 'problem',
        memory: 'episodic',
        text: event.data.learning,
        tags: ['failure'],
        importance: 0.8,
      });
      return node === null ? null : { kind: 'meet_problem', agentId: agentIdOf(event), node };
    }
    case 'agent.knowledge_used':
      return { kind: 'use', agentId: agentIdOf(event), nodeIds: event.data.nodeIds };
    case 'agent.finished':
      return event.data.outcome === 'cancelled' ? null : concluded(event, projectId);
    case 'task.rejected':
      return { kind: 'reject_source', agentId: event.data.attemptId, reason: event.data.reason };
    case 'plan.architecture_described': {
      const node = nodeFrom(event, projectId, {
        kind: 'architecture',
        memory: 'semantic',
        text: architecture ?? '',
        tags: event.data.technologies,
        importance: 0.9,
      });
      return node === null ? null : { kind: 'learn', nodes: [node], edges: [] };
    }
  }
};
