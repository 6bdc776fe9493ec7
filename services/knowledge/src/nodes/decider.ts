import type { KnowledgeEvent, KnowledgeNode } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { alreadyRetracted, rejectSource, retract } from './retracting.ts';
import { createStanding, evolveStanding, isTrusted, type Standing } from './standing.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly relation: 'solves' | 'causes' | 'refines' | 'relates_to' | 'supersedes';
}

export type KnowledgeCommand =
  | { readonly kind: 'learn'; readonly nodes: readonly KnowledgeNode[]; readonly edges: readonly Edge[] }
  /** The agent failed and learned; what it succeeds with in the end is the solution to it. */
  | { readonly kind: 'meet_problem'; readonly agentId: string; readonly node: KnowledgeNode }
  | {
      readonly kind: 'retract';
      readonly nodeId: string;
      readonly reason: string;
      readonly redo: boolean;
    }
  | { readonly kind: 'reject_source'; readonly agentId: string; readonly reason: string }
  | { readonly kind: 'use'; readonly agentId: string; readonly nodeIds: readonly string[] }
  | {
      readonly kind: 'conclude';
      readonly agentId: string;
      readonly succeeded: boolean;
      readonly solution: KnowledgeNode | null;
    };

/** What a project knows, as far as deciding what is new takes it. */
export interface ProjectKnowledge {
  readonly known: Set<string>;
  readonly standing: Standing;
  readonly edges: Set<string>;
  /** By agent: the problems it was the first to meet, and what it was given. */
  readonly problems: Map<string, string[]>;
  readonly used: Map<string, Set<string>>;
  /** By agent: whether it succeeded, as far as it was given anything. */
  readonly outcomes: Map<string, boolean>;
}

const edgeKey = ({ from, to, relation }: Edge): string => `${from} ${relation} ${to}`;

/** Said by somebody else than before: one more who stands for it. Of what was retracted by name nobody is asked again. */
const confirmed = (
  { known, standing }: ProjectKnowledge,
  nodes: readonly KnowledgeNode[],
): readonly KnowledgeEvent[] =>
  nodes
    .filter(({ nodeId }) => known.has(nodeId) && standing.retracted.get(nodeId) !== 'named')
    .filter(
      ({ nodeId, provenance: { agentId } }) =>
        !standing.sources.get(nodeId)?.some((source) => source.agentId === agentId),
    )
    .map(({ nodeId, provenance }) => ({ type: 'knowledge.node_confirmed', data: { nodeId, provenance } }));

const learn = (
  state: ProjectKnowledge,
  said: readonly KnowledgeNode[],
  edges: readonly Edge[],
): readonly KnowledgeEvent[] => {
  const nodes = said.filter(({ provenance }) => isTrusted(state.standing, provenance.agentId));
  const unwanted = nodes.find(
    ({ nodeId, provenance }) =>
      provenance.author !== undefined && state.standing.retracted.get(nodeId) === 'named',
  );
  if (unwanted) throw alreadyRetracted(unwanted.nodeId);
  const newNodes = nodes.filter(
    ({ nodeId }, at) => !state.known.has(nodeId) && nodes.findIndex((node) => node.nodeId === nodeId) === at,
  );
  const named = new Set(nodes.map(({ nodeId }) => nodeId));
  const isKnown = (nodeId: string): boolean => named.has(nodeId) || state.known.has(nodeId);
  const newEdges = new Map(
    edges
      .filter((edge) => edge.from !== edge.to && isKnown(edge.from) && isKnown(edge.to))
      .filter((edge) => !state.edges.has(edgeKey(edge)))
      .map((edge) => [edgeKey(edge), edge]),
  );
  return [
    ...confirmed(state, nodes),
    ...newNodes.map((data): KnowledgeEvent => ({ type: 'knowledge.node_added', data })),
    ...[...newEdges.values()].map((data): KnowledgeEvent => ({ type: 'knowledge.edge_added', data })),
  ];
};

const conclude = (
  command: Extract<KnowledgeCommand, { kind: 'conclude' }>,
  state: ProjectKnowledge,
): readonly KnowledgeEvent[] => {
  const { agentId, succeeded, solution } = command;
  const problems = state.problems.get(agentId) ?? [];
  const solved =
    succeeded && solution !== null && problems.length > 0
      ? learn(
          state,
          [solution],
          problems.map((to) => ({ from: solution.nodeId, to, relation: 'solves' })),
        )
      : [];
  if (state.outcomes.has(agentId)) return solved;
  const scores = [...(state.used.get(agentId) ?? [])].map(
    (nodeId): KnowledgeEvent => ({
      type: 'knowledge.node_scored',
      data: { nodeId, agentId, score: succeeded ? 1 : -1 },
    }),
  );
  return [...solved, ...scores];
};

const decide = (command: KnowledgeCommand, state: ProjectKnowledge): readonly KnowledgeEvent[] => {
  switch (command.kind) {
    case 'learn':
      return learn(state, command.nodes, command.edges);
    case 'meet_problem':
      return learn(state, [command.node], []);
    case 'retract':
      return retract(state.standing, command);
    case 'reject_source':
      return rejectSource(state.standing, command);
    case 'use': {
      const before = state.used.get(command.agentId);
      const fresh = command.nodeIds.filter((nodeId) => state.known.has(nodeId) && !before?.has(nodeId));
      return fresh.map((nodeId) => ({
        type: 'knowledge.node_used',
        data: { nodeId, agentId: command.agentId },
      }));
    }
    case 'conclude':
      return conclude(command, state);
  }
};

const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};

const evolve = (state: ProjectKnowledge, event: KnowledgeEvent): ProjectKnowledge => {
  evolveStanding(state.standing, event);
  switch (event.type) {
    case 'knowledge.node_added': {
      const { nodeId, kind, provenance } = event.data;
      state.known.add(nodeId);
      if (kind === 'problem' && provenance.agentId !== null) add(state.problems, provenance.agentId, nodeId);
      return state;
    }
    case 'knowledge.edge_added':
      state.edges.add(edgeKey(event.data));
      return state;
    case 'knowledge.node_used': {
      const { agentId, nodeId } = event.data;
      state.used.set(agentId, (state.used.get(agentId) ?? new Set()).add(nodeId));
      return state;
    }
    case 'knowledge.node_scored':
      state.outcomes.set(event.data.agentId, event.data.score > 0);
      return state;
    case 'knowledge.node_confirmed':
    case 'knowledge.source_rejected':
    case 'knowledge.node_retracted':
      return state;
  }
};

/** A node is known once, however many agents come to it: its id is made from what it says. */
export const knowledgeDecider: Decider<ProjectKnowledge, KnowledgeCommand, KnowledgeEvent> = {
  initial: () => ({
    known: new Set(),
    standing: createStanding(),
    edges: new Set(),
    problems: new Map(),
    used: new Map(),
    outcomes: new Map(),
  }),
  decide,
  evolve,
};
