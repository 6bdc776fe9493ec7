import { describe, expect, it } from '@jest/globals';
import type { KnowledgeEvent, KnowledgeNode } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import fc from 'fast-check';
import { type KnowledgeCommand, knowledgeDecider } from './decider.ts';

const metadata = { source: '/test', actor: 'service:test', correlationId: 'test', causationId: null };

const node = (nodeId: string, agentId: string | null, author?: string): KnowledgeNode => ({
  nodeId,
  projectId: 'p_1',
  kind: 'pattern',
  memory: 'procedural',
  title: nodeId,
  content: nodeId,
  tags: [],
  importance: 0.5,
  provenance: {
    eventId: 'e',
    position: '1',
    runId: null,
    taskId: null,
    agentId,
    commit: null,
    ...(author === undefined ? {} : { author }),
  },
});

const learn = (nodeId: string, agentId: string | null): KnowledgeCommand => ({
  kind: 'learn',
  nodes: [node(nodeId, agentId)],
  edges: [],
});
const use = (agentId: string, ...nodeIds: readonly string[]): KnowledgeCommand => ({
  kind: 'use',
  agentId,
  nodeIds,
});
const retract = (nodeId: string, redo = false): KnowledgeCommand => ({
  kind: 'retract',
  nodeId,
  reason: 'Not so.',
  redo,
});

/** What the last command brings about, after the others. */
const told = (...commands: readonly KnowledgeCommand[]): readonly KnowledgeEvent[] => {
  let state = knowledgeDecider.initial();
  let events: readonly KnowledgeEvent[] = [];
  for (const command of commands)
    ({ state, events } = decideFully(knowledgeDecider, command, state, metadata));
  return events;
};

const retractedIn = (events: readonly KnowledgeEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'knowledge.node_retracted' ? [event.data.nodeId] : []));

/** a: said by a person. x was told of a and came to b; y was told of b and came to c. */
const chain = [learn('a', null), use('x', 'a'), learn('b', 'x'), use('y', 'b'), learn('c', 'y')];

describe('what was retracted', () => {
  it('takes with it what is known only from attempts that had it in their context, however far', () => {
    const events = told(...chain, learn('d', 'z'), retract('a'));
    expect(retractedIn(events)).toEqual(['a', 'b', 'c']);
    expect(events.slice(1)).toMatchObject([{ data: { because: 'a' } }, { data: { because: 'a' } }]);
  });

  it('leaves what somebody else came to as well, or the same attempt before it was told', () => {
    expect(retractedIn(told(...chain, learn('b', 'z'), retract('a')))).toEqual(['a']);
    expect(retractedIn(told(learn('a', null), learn('b', 'x'), use('x', 'a'), retract('a')))).toEqual(['a']);
  });

  it('does not leave what only others came to who had been told of it', () => {
    expect(retractedIn(told(...chain, use('z', 'a'), learn('b', 'z'), retract('a')))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('says whose work is to be done again when that is wished, of what falls with it too', () => {
    const [event] = told(...chain, retract('a', true));
    expect(event).toMatchObject({ data: { redo: { agentIds: ['x', 'y'], nodeIds: ['a', 'b', 'c'] } } });
    expect(told(...chain, retract('a'))[0]).toEqual({
      type: 'knowledge.node_retracted',
      data: { nodeId: 'a', reason: 'Not so.' },
    });
  });

  it('is retracted once and for good, whoever says it again', () => {
    const refused = expect.objectContaining({ code: 'KNOWLEDGE_ALREADY_RETRACTED' });
    expect(() => told(...chain, retract('a'), retract('a'))).toThrow(refused);
    expect(told(...chain, retract('a'), learn('a', 'z'))).toEqual([]);
    const said: KnowledgeCommand = { kind: 'learn', nodes: [node('a', null, 'user:ada')], edges: [] };
    expect(() => told(...chain, retract('a'), said)).toThrow(refused);
  });

  it('stands again when it only fell, and somebody else comes to it', () => {
    expect(told(...chain, retract('a'), learn('c', 'z'))).toMatchObject([
      { type: 'knowledge.node_confirmed', data: { nodeId: 'c', provenance: { agentId: 'z' } } },
    ]);
    expect(retractedIn(told(...chain, retract('a'), retract('c')))).toEqual(['c']);
  });

  it('is not said again by who was told of it', () => {
    expect(told(...chain, use('z', 'a'), retract('a'), learn('c', 'z'), learn('n', 'x'))).toEqual([]);
  });
});

describe('an attempt whose result was rejected', () => {
  const reject: KnowledgeCommand = { kind: 'reject_source', agentId: 'x', reason: 'Wrong.' };

  it('stands for nothing any more, and is rejected once', () => {
    const events = told(...chain, reject);
    expect(events[0]).toEqual({
      type: 'knowledge.source_rejected',
      data: { agentId: 'x', reason: 'Wrong.' },
    });
    expect(retractedIn(events)).toEqual(['b', 'c']);
    expect(told(...chain, reject, reject)).toEqual([]);
    expect(told(reject, learn('b', 'x'))).toEqual([]);
    expect(retractedIn(told(...chain, learn('b', 'z'), reject, retract('a')))).toEqual(['a']);
  });
});

/** The commands that were not refused, and what stands after them. */
const afterAll = (commands: readonly KnowledgeCommand[]) => {
  let state = knowledgeDecider.initial();
  const taken = commands.filter((command) => {
    try {
      ({ state } = decideFully(knowledgeDecider, command, state, metadata));
      return true;
    } catch {
      return false;
    }
  });
  return { taken, state };
};

/** What is not retracted, though nobody who was not rejected ever said it. */
const withoutAnybody = (commands: readonly KnowledgeCommand[]): readonly string[] => {
  const { taken, state } = afterAll(commands);
  const rejected = new Set(
    taken.flatMap((command) => (command.kind === 'reject_source' ? [command.agentId] : [])),
  );
  const said = taken.flatMap((command) => (command.kind === 'learn' ? command.nodes : []));
  const stands = new Set(
    said
      .filter(({ provenance: { agentId } }) => agentId === null || !rejected.has(agentId))
      .map(({ nodeId }) => nodeId),
  );
  return [...state.known].filter((nodeId) => !state.standing.retracted.has(nodeId) && !stands.has(nodeId));
};

describe('what stands', () => {
  it('always has somebody who stands for it, whatever was said in whatever order', () => {
    const agents = ['x', 'y', 'z'];
    const nodes = ['a', 'b', 'c', 'd'];
    const one = fc.oneof(
      fc
        .record({ node: fc.constantFrom(...nodes), agent: fc.constantFrom(...agents, null) })
        .map((drawn) => learn(drawn.node, drawn.agent)),
      fc
        .record({ node: fc.constantFrom(...nodes), agent: fc.constantFrom(...agents) })
        .map((drawn) => use(drawn.agent, drawn.node)),
      fc.constantFrom(...nodes).map((id) => retract(id, true)),
      fc
        .constantFrom(...agents)
        .map((agentId): KnowledgeCommand => ({ kind: 'reject_source', agentId, reason: '' })),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40, size: 'max' }), (commands) => {
        expect(withoutAnybody(commands)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
