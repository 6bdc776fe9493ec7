import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, type RecordedEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';

/** Whether an event had happened by then. Of a position it holds up to that one, of a time for all that is not later. */
export type Moment = (event: Pick<RecordedEvent, 'position' | 'time'>) => boolean;

/**
 * A position that this store gave out, or a time.
 * @throws {PartituraError} `BAD_MOMENT` for neither, `INVALID_POSITION` for a position of another store, or one that nothing has yet
 */
export const momentOf = async (store: EventStore, at: string): Promise<Moment> => {
  if (at.includes(':')) return atTime(at);
  const position = asPosition(at);
  // Only the store knows its own.
  for await (const _ of store.readAll({ after: position, limit: 1 })) break;
  const head = await store.head();
  if (position > head)
    throw new PartituraError(
      'INVALID_POSITION',
      `Nothing stands at position ${at}: the log ends at ${head}.`,
      {
        advice: 'Give the position of an event, as the history has it.',
      },
    );
  return (event) => event.position <= position;
};

const atTime = (at: string): Moment => {
  const time = Date.parse(at);
  if (Number.isNaN(time))
    throw new PartituraError('BAD_MOMENT', `"${at}" is neither a position nor a time.`, {
      advice: 'Give a position as an event has it, or a time such as 2026-01-31T12:00:00Z.',
    });
  return (event) => Date.parse(event.time) <= time;
};
