import type { EventStore } from '@partitura/shared/event-store';
import { asProjectId, type KnowledgeEvent, streamName } from '@partitura/shared/events';
import { type CallContext, isThereFor, type OperationHandlers, type Ownership } from '@partitura/shared/http';
import type { IndexedNode, KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { Indexing } from '../indexing/indexing.ts';
import type { KnowledgeCommand, ProjectKnowledge } from '../nodes/decider.ts';
import { fallenWith, readersOf, type Standing } from '../nodes/standing.ts';
import { nothingKnown } from './knowledge-operations.ts';
import { requireProject } from './project-there.ts';

export interface RetractingDependencies {
  readonly store: EventStore;
  readonly index: KnowledgeIndex;
  readonly indexing: Pick<Indexing, 'waitFor'>;
  readonly knowledge: CommandHandler<ProjectKnowledge, KnowledgeCommand, KnowledgeEvent>;
  readonly clock: Clock;
}

const readingTimeoutMs = 5_000;

/** `r_7k2m9x4tqa.T4.a1` → run and task. */
const placeOf = (agentId: string): { readonly runId: string; readonly taskId: string } => ({
  runId: agentId.split('.')[0] ?? '',
  taskId: agentId.slice(0, agentId.lastIndexOf('.')),
});

/** What is not to be relied on any more, and what had been built upon it. */
export const retracting = ({
  store,
  index,
  indexing,
  knowledge,
  clock,
}: RetractingDependencies): Pick<OperationHandlers, 'retractKnowledge' | 'getKnowledgeConsumers'> => {
  /** As of now: what was said a moment ago may be taken back. @throws {PartituraError} `KNOWLEDGE_NOT_FOUND` */
  const nodeFor = async (
    context: CallContext,
    id: string,
  ): Promise<{ readonly node: IndexedNode; readonly owner: Ownership }> => {
    await indexing.waitFor(await store.head(), readingTimeoutMs);
    const [node] = await index.get([id]);
    if (!node || !isThereFor(context, node.organizationId)) throw nothingKnown(id);
    return { node, owner: await requireProject(store, context, node.projectId) };
  };

  const standingOf = async ({ projectId }: IndexedNode) => {
    const { state } = await knowledge.read(streamName('knowledge', projectId), { fresh: true });
    return state;
  };

  const nodesOf = async (standing: Standing, ids: readonly string[], falling: ReadonlySet<string>) => {
    const nodes = (await index.get(ids)).filter((node) => node !== undefined);
    return nodes.map(({ nodeId, kind, title }) => ({
      id: nodeId,
      kind,
      title,
      retracted: standing.retracted.has(nodeId),
      falls: falling.has(nodeId),
    }));
  };

  return {
    retractKnowledge: async ({ params: { id }, body: { reason, redo } }, context) => {
      const { node, owner } = await nodeFor(context, id);
      const { position } = await knowledge.handle(streamName('knowledge', node.projectId), {
        command: { kind: 'retract', nodeId: id, reason, redo },
        commandId: context.commandId,
        at: clock.now(),
        metadata: {
          source: '/knowledge',
          actor: context.actor,
          correlationId: context.correlationId,
          causationId: context.commandId,
          ...owner,
          projectId: asProjectId(node.projectId),
        },
      });
      return { id, position };
    },
    getKnowledgeConsumers: async ({ params: { id } }, context) => {
      const { node } = await nodeFor(context, id);
      const { standing, outcomes } = await standingOf(node);
      const fallen = fallenWith(standing, [id]);
      const attempts = [id, ...fallen].flatMap((nodeId) =>
        readersOf(standing, nodeId).map((agentId) => ({
          agentId,
          ...placeOf(agentId),
          nodeId,
          succeeded: outcomes.get(agentId) ?? null,
        })),
      );
      const drawn = new Set(attempts.flatMap(({ agentId }) => [...(standing.drawn.get(agentId) ?? [])]));
      drawn.delete(id);
      const nodes = await nodesOf(standing, [...drawn], new Set(fallen));
      return { id, retracted: standing.retracted.has(id), attempts, nodes };
    },
  };
};
