import type { EventStore } from '@partitura/shared/event-store';
import { asProjectId, type KnowledgeEvent, streamName } from '@partitura/shared/events';
import type { OperationHandlers } from '@partitura/shared/http';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import { nodeIdOf, titleOf } from '../extraction/node.ts';
import type { KnowledgeCommand, ProjectKnowledge } from '../nodes/decider.ts';
import { requireProject } from './project-there.ts';

/**
 * What a person says stands beside what agents found out, under the same rules: said again, by whomever, it is known once. Where it
 * is from is the person.
 */
export const saying = (
  store: EventStore,
  knowledge: CommandHandler<ProjectKnowledge, KnowledgeCommand, KnowledgeEvent>,
  clock: Clock,
): Pick<OperationHandlers, 'addKnowledge'> => ({
  addKnowledge: async ({ body }, context) => {
    const { projectId, kind, memory, content, tags, importance } = body;
    const owner = await requireProject(store, context, projectId);
    const nodeId = nodeIdOf(projectId, kind, content);
    const provenance = {
      eventId: context.commandId,
      position: await store.head(),
      runId: null,
      taskId: null,
      agentId: null,
      commit: null,
      author: context.actor,
    };
    const title = body.title ?? titleOf(content);
    const node = { nodeId, projectId, kind, memory, title, content, tags, importance, provenance };
    const { position } = await knowledge.handle(streamName('knowledge', projectId), {
      command: { kind: 'learn', nodes: [node], edges: [] },
      commandId: context.commandId,
      at: clock.now(),
      metadata: {
        source: '/knowledge',
        actor: context.actor,
        correlationId: context.correlationId,
        causationId: context.commandId,
        ...owner,
        projectId: asProjectId(projectId),
      },
    });
    return { id: nodeId, position };
  },
});
