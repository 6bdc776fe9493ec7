/**
 * A notifier as a process of its own, for tests that kill it. Arguments: the data directory, the consumer's URL, how many events
 * are recorded in one run. At its first start it registers the webhook and records them; then it only goes on.
 */
import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { contextOf, startNotifier } from './world.ts';

const [data = '', url = '', count = '0'] = process.argv.slice(2);
const world = await startNotifier({
  store: openSqliteEventStore({ path: join(data, 'events.db') }),
  readModels: openSqliteReadModels({ path: join(data, 'read-models.db') }),
});
const { items } = await world.operations.listWebhooks(
  { params: {}, query: { limit: 1 }, body: null },
  contextOf(),
);
if (items.length === 0 && (await world.events()).length === 0) {
  await world.create(url);
  const texts = Array.from({ length: Number(count) }, (_, index) => `event ${index + 1}`);
  // At once: whoever is killed at the first of them has recorded all.
  await world.recordAll('r_1', texts);
}
process.stdout.write('up\n');
