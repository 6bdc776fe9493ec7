import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore } from '../event-store/index.ts';
import { asPosition, type Position } from '../events/index.ts';

/**
 * Up to where is replayed: the position that was asked for, else the end of the log as it is now.
 * @throws {PartituraError} `INVALID_POSITION` for what the store never gave out
 */
export const replayUntil = async (
  store: Pick<EventStore, 'head' | 'readAll'>,
  until: string | undefined,
): Promise<Position> => {
  if (until === undefined) return store.head();
  const position = asPosition(until);
  for await (const _ of store.readAll({ after: position, limit: 1 })) break;
  return position;
};

/** Gives way to whatever else the process has to do, as often as it has been at it for some milliseconds. */
export const breathing = (everyMs = 15): (() => Promise<void>) => {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < everyMs) return;
    await nextTurn();
    since = performance.now();
  };
};
