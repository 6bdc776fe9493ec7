import type { EventStore } from '@partitura/shared/event-store';
import { categories, type Position } from '@partitura/shared/events';

/** Enough to see that a relay is far behind: counting costs reading. */
const mostCounted = 10_000;

/** Events after a position, or the most that are counted. */
export const countAfter = async (store: EventStore, after: Position): Promise<number> => {
  if (after >= (await store.head())) return 0;
  let count = 0;
  const pages = store.readAll({ after, filter: { categories }, limit: mostCounted });
  for await (const { events } of pages) count += events.length;
  return count;
};
