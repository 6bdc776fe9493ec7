/** The projections as a process of their own. */
import {
  installationSigning,
  openBlobStore,
  openEventStore,
  openReadModels,
  runService,
} from '@partitura/shared/hosting';
import { priceTable } from '@partitura/shared/models';
import { projectionsService } from './service.ts';

await runService({
  name: 'projections',
  port: 4_605,
  compose: async (host) =>
    projectionsService({
      ...host,
      store: await openEventStore(host),
      blobs: await openBlobStore(host),
      readModels: await openReadModels(host),
      signing: await installationSigning(host),
      prices: priceTable(host.configuration.modelPrices),
    }),
});
