import { systemClock } from '../../runtime/clock.ts';
import { eventStoreContract } from '../testing/index.ts';
import { connectEventStoreDb } from './connect.ts';
import { startEventStoreDbServer } from './testing/index.ts';

/** The contract's big event has 9 MB: more than the server takes by default, less than it can be told to. */
const maxAppendSize = 16_000_000;

eventStoreContract('EventStoreDB (test server written to its protocol)', async () => {
  const server = await startEventStoreDbServer({ maxAppendSize });
  return {
    open: (registry) =>
      connectEventStoreDb({
        url: `esdb://${server.address}?tls=false`,
        clock: systemClock,
        registry,
        maxAppendBytes: maxAppendSize,
      }),
    remove: server.stop,
  };
});
