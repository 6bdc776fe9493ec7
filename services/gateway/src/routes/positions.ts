import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, type Position } from '@partitura/shared/events';

/**
 * What a client hands back as a position, asked of the log: only it knows its own. A read model would wait for what never comes.
 * @throws {PartituraError} `INVALID_POSITION`
 */
export const requirePosition = async (store: EventStore, text: string): Promise<Position> => {
  const position = asPosition(text);
  for await (const _ of store.readAll({ after: position, limit: 1 })) break;
  return position;
};
