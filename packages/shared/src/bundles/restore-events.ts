import type { EventStore } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';

const mostInBatch = 100;
const mostCharactersInBatch = 300_000;

/** In the order in which they were recorded; what follows on itself in one stream goes together. */
export const restoreAll = async (
  store: EventStore,
  pages: AsyncIterable<readonly RecordedEvent[]>,
): Promise<number> => {
  let batch: RecordedEvent[] = [];
  let characters = 0;
  let count = 0;
  const restore = async (): Promise<void> => {
    const [first] = batch;
    if (first) await store.restore(first.stream, batch);
    batch = [];
    characters = 0;
  };
  for await (const events of pages)
    for (const event of events) {
      const isFull = batch.length >= mostInBatch || characters >= mostCharactersInBatch;
      if (isFull || (batch[0] && batch[0].stream !== event.stream)) await restore();
      batch.push(event);
      characters += JSON.stringify(event.data).length;
      count += 1;
    }
  await restore();
  return count;
};
