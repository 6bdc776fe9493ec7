import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, type Position } from '@partitura/shared/events';
import { type Clock, PartituraError } from '@partitura/shared/runtime';

/** Until when: a position, inclusive; or a time, which means all that comes before the first event that is later. */
export type Moment = { readonly position: Position } | { readonly time: number };

/** Not whatever the engine takes for a date: "1" would be the year 2001. */
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

const bad = (text: string): PartituraError =>
  new PartituraError('BAD_MOMENT', `"${text}" is neither a position nor a time.`, {
    advice: 'Give a position as an event has it, or a time such as 2026-01-31T12:00:00Z.',
  });

const requirePosition = async (store: EventStore, text: string): Promise<Position> => {
  const position = asPosition(text);
  try {
    for await (const _ of store.readAll({ after: position, limit: 1 })) return position;
  } catch (error) {
    // Only the log knows the form of its positions.
    if (error instanceof PartituraError && error.code === 'INVALID_POSITION') throw bad(text);
    throw error;
  }
  if (position <= (await store.head())) return position;
  throw new PartituraError('UNKNOWN_POSITION', `The log has not come to "${text}".`, {
    advice: 'Give a position as a command or an event had it; without one, a run is shown as it stands.',
  });
};

/**
 * @throws {PartituraError} `BAD_MOMENT` for what is neither; `UNKNOWN_POSITION`, `UNKNOWN_TIME` for what has not come yet: its answer
 * would be another one later
 */
export const momentOf = async (store: EventStore, clock: Clock, text: string): Promise<Moment> => {
  if (!text.includes(':')) return { position: await requirePosition(store, text) };
  const time = timeForm.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw bad(text);
  if (time <= clock.now()) return { time };
  throw new PartituraError('UNKNOWN_TIME', `"${text}" has not come yet.`, {
    advice: 'Without a moment, a run is shown as it stands.',
  });
};
