import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor } from '@partitura/shared/events';
import { attemptEvent, attemptStream } from '../workload.ts';
import { load, turnsOf } from './load.ts';

/** Events per second. Validation, redaction (with two known secrets) and hashing are on, as they always are. */
export const appendThroughStore = async (directory: string): Promise<number> => {
  const redactor = createRedactor({ secrets: ['sk-bench-0123456789abcdef', 'a password of the operator'] });
  const store = openSqliteEventStore({ path: join(directory, 'events.db'), redactor });
  const names = Array.from({ length: load.streams }, (_, index) => attemptStream(index));
  const produce = async (producer: number): Promise<void> => {
    for (const { stream, sequence } of turnsOf(producer)) {
      const name = names[stream] ?? attemptStream(stream);
      await store.append(name, [attemptEvent(stream, sequence)], sequence === 0 ? 'no_stream' : sequence - 1);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: load.producers }, (_, producer) => produce(producer)));
  const seconds = (performance.now() - start) / 1_000;
  await store.close();
  return load.events / seconds;
};
