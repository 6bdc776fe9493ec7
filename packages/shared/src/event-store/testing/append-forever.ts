/** A process of its own that appends without end, and names every append on its output once it is acknowledged. */
import type { EventToAppend } from '../../events/index.ts';
import { openSqliteEventStore } from '../sqlite/open-sqlite-event-store.ts';
import { firstRegistry, note, streamOf } from './made-up-events.ts';

const [path = '', generation = ''] = process.argv.slice(2);
const store = openSqliteEventStore({ path, registry: firstRegistry });

const produce = async (producer: number): Promise<void> => {
  const stream = streamOf('run', producer);
  for (let round = 0; ; round += 1) {
    const ids = [`${generation}.${producer}.${round}.0`, `${generation}.${producer}.${round}.1`];
    const events: EventToAppend[] = ids.map((id) => note(id, `${id} `.repeat(20)));
    await store.append(stream, events, 'any');
    process.stdout.write(`${ids.join(' ')}\n`);
  }
};

await Promise.all([0, 1, 2, 3, 4].map(produce));
