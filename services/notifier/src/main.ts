/** The notifier as a process of its own. */
import {
  installationSecrets,
  openEventStore,
  openJobQueue,
  openReadModels,
  runService,
} from '@partitura/shared/hosting';
import { notifierService } from './service.ts';

await runService({
  name: 'notifier',
  port: 4_607,
  compose: async (host) => {
    // Before engines are waited for: without it there is nothing to wait for.
    const secrets = await installationSecrets(host);
    return notifierService({
      ...host,
      installationSecrets: secrets,
      store: await openEventStore(host),
      readModels: await openReadModels(host),
      queue: await openJobQueue(host),
    });
  },
});
