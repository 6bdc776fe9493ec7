import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { attemptEvent, attemptStream } from '../workload.ts';
import { emptyOverview, evolve } from './reducer.ts';

export const events = 200_000;
export const streams = 2_000;
const batch = 20;

const open = (directory: string) => openSqliteEventStore({ path: join(directory, 'events.db') });

export const fillStore = async (directory: string): Promise<void> => {
  const store = open(directory);
  for (let from = 0; from < events / streams; from += batch) {
    const appends = Array.from({ length: streams }, (_, stream) => {
      const own = Array.from({ length: batch }, (_unused, offset) => attemptEvent(stream, from + offset));
      return store.append(attemptStream(stream), own, from === 0 ? 'no_stream' : from - 1);
    });
    await Promise.all(appends);
  }
  await store.close();
};

/** Events per second, from opening the file to the folded state. */
export const replayStore = async (directory: string): Promise<number> => {
  const start = performance.now();
  const store = open(directory);
  let overview = emptyOverview();
  for await (const page of store.readAll()) {
    for (const event of page.events) overview = evolve(overview, event);
  }
  const seconds = (performance.now() - start) / 1_000;
  await store.close();
  if (overview.attempts.size !== streams)
    throw new Error(`Folded ${overview.attempts.size} streams of ${streams}.`);
  return events / seconds;
};
