import type { KnowledgeEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { fallenWith, readersOf, type Standing } from './standing.ts';

const falls = (nodeIds: readonly string[], because: string, reason: string): readonly KnowledgeEvent[] =>
  nodeIds.map((nodeId) => ({ type: 'knowledge.node_retracted', data: { nodeId, reason, because } }));

/**
 * A piece is not to be relied on, for good; with it falls what nobody else stands for. With `redo` the event says which attempts had
 * any of that in their context: who owns their tasks hears of it.
 * @throws {PartituraError} `KNOWLEDGE_ALREADY_RETRACTED`
 */
export const retract = (
  standing: Standing,
  { nodeId, reason, redo }: { readonly nodeId: string; readonly reason: string; readonly redo: boolean },
): readonly KnowledgeEvent[] => {
  if (standing.retracted.get(nodeId) === 'named') throw alreadyRetracted(nodeId);
  const fallen = fallenWith(standing, [nodeId]);
  const nodeIds = [nodeId, ...fallen];
  const agentIds = [...new Set(nodeIds.flatMap((one) => readersOf(standing, one)))];
  return [
    {
      type: 'knowledge.node_retracted',
      data: redo ? { nodeId, reason, redo: { agentIds, nodeIds } } : { nodeId, reason },
    },
    ...falls(fallen, nodeId, reason),
  ];
};

/** Whoever says it again has to say it in other words. */
export const alreadyRetracted = (nodeId: string): PartituraError =>
  new PartituraError('KNOWLEDGE_ALREADY_RETRACTED', `${nodeId} was retracted already.`, {
    advice: `See what had been built upon it: GET /api/v1/knowledge/nodes/${nodeId}/consumers`,
  });

/** An attempt's result was rejected: what is known from it alone falls. Whoever built upon its work is the run's to see to. */
export const rejectSource = (
  standing: Standing,
  { agentId, reason }: { readonly agentId: string; readonly reason: string },
): readonly KnowledgeEvent[] =>
  standing.rejected.has(agentId)
    ? []
    : [
        { type: 'knowledge.source_rejected', data: { agentId, reason } },
        ...falls(fallenWith(standing, [], [agentId]), agentId, reason),
      ];
