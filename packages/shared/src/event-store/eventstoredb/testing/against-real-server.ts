import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../runtime/clock.ts';
import { eventStoreContract } from '../../testing/index.ts';
import { connectEventStoreDb } from '../connect.ts';

/** The contract's big event has 9 MB; the server has to be started for it, see the README. */
const maxAppendBytes = 16_000_000;

const url = process.env.PARTITURA_EVENT_STORE_URL;
if (url === undefined)
  throw new Error('Set PARTITURA_EVENT_STORE_URL, for example esdb://localhost:2113?tls=false.');

/** Every log under test is a namespace of its own: nothing else in the database is touched, and nothing is removed. */
eventStoreContract('EventStoreDB (real server)', async () => {
  const namespace = `test_${randomUUID().replaceAll('-', '')}`;
  return {
    open: (registry) => connectEventStoreDb({ url, clock: systemClock, registry, maxAppendBytes, namespace }),
    remove: async () => undefined,
  };
});
