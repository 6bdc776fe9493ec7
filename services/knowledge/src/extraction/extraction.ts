import type { BlobStore } from '@partitura/shared/blobs';
import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import { ownershipIn, type RecordedEvent, streamName } from '@partitura/shared/events';
import { architecture } from '@partitura/shared/planning';
import { commandHandler, type Processor, processor } from '@partitura/shared/processing';
import type { Clock, Logger, Metrics } from '@partitura/shared/runtime';
import { knowledgeDecider } from '../nodes/decider.ts';
import { extract, extractedTypes, isSource } from './extract.ts';
import { beginningOf } from './node.ts';

export interface ExtractionDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Of a described architecture, as much as is useful in somebody's context. */
const architectureCharacters = 4_000;

/** Turns what agents and planners say into nodes and edges, recorded with where they are from. */
export const extraction = ({
  store,
  bus,
  blobs,
  clock,
  logger,
  metrics,
}: ExtractionDependencies): Processor => {
  const knowledge = commandHandler(store, knowledgeDecider);

  const architectureOf = async (event: RecordedEvent): Promise<string | null> => {
    if (!isSource(event) || event.type !== 'plan.architecture_described') return null;
    const content = new TextDecoder().decode(await blobs.get(event.data.content.hash));
    return beginningOf(architecture.parse(JSON.parse(content)).document, architectureCharacters);
  };

  return processor({
    name: 'extraction',
    service: 'knowledge',
    filter: { categories: ['agent', 'plan', 'run'], types: extractedTypes },
    store,
    bus,
    clock,
    logger,
    metrics,
    handle: async (event) => {
      const { projectId, runId, correlationId } = event.metadata;
      if (projectId === undefined || !isSource(event)) return;
      const command = extract(event, projectId, await architectureOf(event));
      if (command === null) return;
      await knowledge.handle(streamName('knowledge', projectId), {
        command,
        commandId: `${event.id}>knowledge`,
        at: clock.now(),
        metadata: {
          source: '/knowledge',
          actor: 'service:knowledge',
          correlationId,
          causationId: event.id,
          ...ownershipIn(event.metadata),
          projectId,
          ...(runId === undefined ? {} : { runId }),
        },
      });
    },
  });
};
