import { beginning } from '../../../events/index.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { openKafkaEventBus } from '../../index.ts';
import { labelOf } from '../../testing/sample-events.ts';

/** A consumer in a process of its own: says on stdout what it handles. */
const [, , url = '', group = ''] = process.argv;

const bus = await openKafkaEventBus({
  url,
  store: { head: async () => beginning },
  clock: systemClock,
  logger: silentLogger,
  times: { sessionMs: 1_000 },
});
await bus.subscribe({
  group,
  startFrom: 'beginning',
  batchSize: 5,
  handle: async (events) => {
    for (const event of events) process.stdout.write(`${labelOf(event)}\n`);
  },
});
process.stdout.write('ready\n');
