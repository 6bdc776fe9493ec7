/** A relay as a process of its own. */
import { openEventOutlet, openEventStore, runService } from '@partitura/shared/hosting';
import { relayService } from './service.ts';

await runService({
  name: 'relay',
  port: 4_606,
  compose: async (host) =>
    relayService({ ...host, store: await openEventStore(host), outlet: await openEventOutlet(host) }),
});
