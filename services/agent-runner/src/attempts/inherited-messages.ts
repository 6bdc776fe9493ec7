import type { EventStore } from '@partitura/shared/event-store';
import { asRunId, type RecordedEvent } from '@partitura/shared/events';
import { type InheritedEvent, originOf, translation } from '@partitura/shared/forking';

/** What agents say to each other. */
export const sentType = 'agent.message_sent' as const;

/**
 * What agents had sent by the place where a run was forked, in the order of the log, as said by its own agents; nothing for a run that
 * was not forked. Reads the messages alone, not all that was inherited.
 */
export const inheritedMessages = async (
  store: EventStore,
  runId: string,
): Promise<readonly InheritedEvent[]> => {
  const origin = await originOf(store, runId);
  if (origin === null) return [];
  const { parentRunId, streams } = origin;
  const sent: RecordedEvent[] = [...(await inheritedMessages(store, parentRunId))];
  const filter = { categories: ['agent'] as const, types: [sentType], runId: asRunId(parentRunId) };
  for await (const { events } of store.readAll({ filter }))
    sent.push(...events.filter(({ stream, revision }) => revision <= (streams[stream] ?? -1)));
  const { event: inherit } = translation(parentRunId, runId);
  return sent.map((event) => inherit(event, -1));
};
