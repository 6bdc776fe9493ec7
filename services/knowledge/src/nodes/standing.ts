import type { KnowledgeEvent, KnowledgeNode } from '@partitura/shared/events';

/** Where somebody has a piece of knowledge from. */
interface Source {
  /** Null: from a person or from a plan, which stands by itself. */
  readonly agentId: string | null;
  /** What else that attempt had been told by then is the first so many of what it was told in all. */
  readonly basis: number;
}

/** What is known, from where, and what of it is not to be relied on. Changed in place. */
export interface Standing {
  readonly sources: Map<string, Source[]>;
  /** By attempt: what it was told, in order. */
  readonly told: Map<string, Set<string>>;
  /** By attempt: what is known from it. */
  readonly drawn: Map<string, Set<string>>;
  /** Attempts whose results were rejected. */
  readonly rejected: Set<string>;
  /** `named`: somebody said so of this very piece, which is for good. `alone`: nobody stands for it any more. */
  readonly retracted: Map<string, 'named' | 'alone'>;
}

export const createStanding = (): Standing => ({
  sources: new Map(),
  told: new Map(),
  drawn: new Map(),
  rejected: new Set(),
  retracted: new Map(),
});

const setOf = <Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> => {
  const known = map.get(key) ?? new Set();
  map.set(key, known);
  return known;
};

const learnFrom = (
  standing: Standing,
  nodeId: string,
  { agentId }: Pick<KnowledgeNode['provenance'], 'agentId'>,
): void => {
  const source = { agentId, basis: agentId === null ? 0 : (standing.told.get(agentId)?.size ?? 0) };
  standing.sources.set(nodeId, [...(standing.sources.get(nodeId) ?? []), source]);
  if (agentId !== null) setOf(standing.drawn, agentId).add(nodeId);
};

export const evolveStanding = (standing: Standing, event: KnowledgeEvent): void => {
  switch (event.type) {
    case 'knowledge.node_added':
      learnFrom(standing, event.data.nodeId, event.data.provenance);
      return;
    case 'knowledge.node_confirmed':
      standing.retracted.delete(event.data.nodeId);
      learnFrom(standing, event.data.nodeId, event.data.provenance);
      return;
    case 'knowledge.node_used':
      setOf(standing.told, event.data.agentId).add(event.data.nodeId);
      return;
    case 'knowledge.source_rejected':
      standing.rejected.add(event.data.agentId);
      return;
    case 'knowledge.node_retracted':
      standing.retracted.set(event.data.nodeId, event.data.because === undefined ? 'named' : 'alone');
      return;
    case 'knowledge.edge_added':
    case 'knowledge.node_scored':
      return;
  }
};

/** Whether what an attempt says now is to be relied on: it was not rejected, nor told anything that was retracted since. */
export const isTrusted = (standing: Standing, agentId: string | null): boolean =>
  agentId === null ||
  (!standing.rejected.has(agentId) &&
    ![...(standing.told.get(agentId) ?? [])].some((nodeId) => standing.retracted.has(nodeId)));

/** Whether somebody stands for the piece who was told nothing of what fell before coming to it. */
const isSupported = (standing: Standing, nodeId: string, fallen: ReadonlySet<string>): boolean =>
  (standing.sources.get(nodeId) ?? []).some(({ agentId, basis }) => {
    if (agentId === null) return true;
    if (standing.rejected.has(agentId)) return false;
    const told = [...(standing.told.get(agentId) ?? [])].slice(0, basis);
    return !told.some((one) => fallen.has(one) || standing.retracted.has(one));
  });

/** Attempts that were told of a piece, in the order in which they were first heard of. */
export const readersOf = (standing: Standing, nodeId: string): readonly string[] =>
  [...standing.told].flatMap(([agentId, told]) => (told.has(nodeId) ? [agentId] : []));

/**
 * What nobody stands for any more when these pieces fall, and what that takes with it: each is known only from attempts that were
 * rejected, or that had been told something that fell. These are not among the answer.
 */
export const fallenWith = (
  standing: Standing,
  pieces: readonly string[],
  rejected: readonly string[] = [],
): readonly string[] => {
  const changed: Standing = { ...standing, rejected: new Set([...standing.rejected, ...rejected]) };
  const fallen = new Set(pieces);
  const toLook = [...rejected, ...pieces.flatMap((nodeId) => readersOf(standing, nodeId))];
  for (let agentId = toLook.shift(); agentId !== undefined; agentId = toLook.shift()) {
    for (const nodeId of standing.drawn.get(agentId) ?? []) {
      if (fallen.has(nodeId) || standing.retracted.has(nodeId) || isSupported(changed, nodeId, fallen))
        continue;
      fallen.add(nodeId);
      toLook.push(...readersOf(standing, nodeId));
    }
  }
  return [...fallen].filter((nodeId) => !pieces.includes(nodeId));
};
