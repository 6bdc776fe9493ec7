import { describe, expect, it } from '@jest/globals';
import type { KnowledgeEvent, KnowledgeNode } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import { type KnowledgeCommand, knowledgeDecider } from './decider.ts';

const node = (nodeId: string, partial: Partial<KnowledgeNode> = {}): KnowledgeNode => ({
  nodeId,
  projectId: 'p_1',
  kind: 'pattern',
  memory: 'procedural',
  title: nodeId,
  content: nodeId,
  tags: [],
  importance: 0.5,
  provenance: { eventId: 'e', position: '1', runId: null, taskId: null, agentId: null, commit: null },
  ...partial,
});

const problemOf = (agentId: string) =>
  node(`problem-${agentId}`, { kind: 'problem', provenance: { ...node('').provenance, agentId } });

const metadata = { source: '/test', actor: 'service:test', correlationId: 'test', causationId: null };

/** Given what was said before, when this is said, then these events. */
const told = (...commands: readonly KnowledgeCommand[]): readonly KnowledgeEvent[] => {
  let state = knowledgeDecider.initial();
  let events: readonly KnowledgeEvent[] = [];
  for (const command of commands)
    ({ state, events } = decideFully(knowledgeDecider, command, state, metadata));
  return events;
};

const learnA: KnowledgeCommand = { kind: 'learn', nodes: [node('a')], edges: [] };

describe('what a project knows', () => {
  it('knows a thing once, whoever says it, and twice in one breath is once', () => {
    expect(told(learnA)).toHaveLength(1);
    expect(told(learnA, learnA)).toEqual([]);
    expect(told({ kind: 'learn', nodes: [node('a'), node('a')], edges: [] })).toHaveLength(1);
  });

  it('joins only what is known, and nothing to itself', () => {
    const edge = (from: string, to: string) => ({ from, to, relation: 'relates_to' as const });
    expect(told({ kind: 'learn', nodes: [node('a')], edges: [edge('a', 'b'), edge('a', 'a')] })).toHaveLength(
      1,
    );
    const twice: KnowledgeCommand = {
      kind: 'learn',
      nodes: [node('b')],
      edges: [edge('b', 'a'), edge('b', 'a')],
    };
    expect(told(learnA, twice).map(({ type }) => type)).toEqual([
      'knowledge.node_added',
      'knowledge.edge_added',
    ]);
    expect(told(learnA, twice, twice)).toEqual([]);
  });

  it('counts a use once per agent, and only of what is known', () => {
    const use: KnowledgeCommand = { kind: 'use', agentId: 'x', nodeIds: ['a', 'unknown'] };
    expect(told(learnA, use)).toEqual([{ type: 'knowledge.node_used', data: { nodeId: 'a', agentId: 'x' } }]);
    expect(told(learnA, use, use)).toEqual([]);
  });

  it('scores what an agent was given by how the agent ended, once', () => {
    const use: KnowledgeCommand = { kind: 'use', agentId: 'x', nodeIds: ['a'] };
    const failed: KnowledgeCommand = { kind: 'conclude', agentId: 'x', succeeded: false, solution: null };
    expect(told(learnA, use, failed)).toEqual([
      { type: 'knowledge.node_scored', data: { nodeId: 'a', agentId: 'x', score: -1 } },
    ]);
    expect(told(learnA, use, failed, failed)).toEqual([]);
  });

  it('ties a success to the problems that the same agent met on its way', () => {
    const solution = node('s', { kind: 'solution' });
    const meet: KnowledgeCommand = { kind: 'meet_problem', agentId: 'x', node: problemOf('x') };
    const success: KnowledgeCommand = { kind: 'conclude', agentId: 'x', succeeded: true, solution };
    expect(told(meet, success).at(-1)).toEqual({
      type: 'knowledge.edge_added',
      data: { from: 's', to: 'problem-x', relation: 'solves' },
    });
    expect(told(success)).toEqual([]);
    expect(told(meet, success, success)).toEqual([]);
  });
});
