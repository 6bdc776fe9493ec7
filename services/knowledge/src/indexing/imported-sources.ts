import { importedHistory } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import { type KnowledgeNode, type Position, type StreamName, streamName } from '@partitura/shared/events';
import type { RecordedKnowledge } from './fold.ts';

type Added = Extract<RecordedKnowledge, { type: 'knowledge.node_added' }>;

/** What agents learn is drawn from their streams, what planners describe from theirs. */
const sourceOf = ({ agentId, runId }: KnowledgeNode['provenance']): StreamName | null => {
  if (agentId !== null) return streamName('agent', agentId);
  return runId === null ? null : streamName('plan', runId);
};

const positionIn = async (
  store: EventStore,
  stream: StreamName,
  eventId: string,
): Promise<Position | undefined> => {
  for await (const page of store.readStream(stream))
    for (const { id, position } of page) if (id === eventId) return position;
  return undefined;
};

/**
 * Knowledge that was imported says where in another log its source stood. Forks ask what was known at a position of this one: so the
 * source is looked up here; where it was not brought along, the node stands where it was added.
 */
export const importedSources = (store: EventStore) => {
  const history = importedHistory(store);
  const here = async (event: Added): Promise<Added> => {
    const { provenance } = event.data;
    const source = sourceOf(provenance);
    const found = source === null ? undefined : await positionIn(store, source, provenance.eventId);
    const position = found ?? event.position;
    return { ...event, data: { ...event.data, provenance: { ...provenance, position } } };
  };
  return async (events: readonly RecordedKnowledge[]): Promise<readonly RecordedKnowledge[]> => {
    const own = new Set(await history.withoutImported(events));
    const each = events.map((event) =>
      event.type === 'knowledge.node_added' && !own.has(event) ? here(event) : event,
    );
    return Promise.all(each);
  };
};
