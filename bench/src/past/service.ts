import { join } from 'node:path';
import { type ProjectionsService, projectionsService } from '@partitura/projections';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import type { CallContext } from '@partitura/shared/http';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { withLog } from './log.ts';

export interface Past {
  readonly store: EventStore;
  readonly service: ProjectionsService;
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export const context: CallContext = {
  actor: 'user:bench',
  organizationId: null,
  correlationId: 'bench',
  commandId: 'bench',
  expectedRevision: null,
};

/** The projections on the log, with read models in a file of their own. */
export const openPast = async (name: string): Promise<Past> => {
  const directory = await withLog();
  const store = openSqliteEventStore({ path: join(directory, 'events.db') });
  const readModels = openSqliteReadModels({ path: join(directory, `${name}.db`) });
  const blobs = await openEmbeddedBlobStore({ directory: join(directory, 'blobs') });
  const service = projectionsService({
    ...{ store, readModels, blobs },
    ...{ clock: systemClock, logger: silentLogger },
  });
  for (const component of service.components) await component.start();
  return {
    store,
    service,
    caughtUp: async () => service.waitFor(await store.head(), 600_000),
    close: async () => {
      for (const component of service.components) await component.stop(5_000);
      await readModels.close();
      await blobs.close();
      await store.close();
    },
  };
};

let kept: Promise<Past> | null = null;

/** One that is caught up, for benchmarks that only read. */
export const readPast = (): Promise<Past> => {
  kept ??= (async () => {
    const past = await openPast('kept');
    await past.caughtUp();
    return past;
  })();
  return kept;
};

/** Closes it, if it was opened. */
export const closeReadPast = async (): Promise<void> => (await kept)?.close();

/** Events a second of reading the log alone: what every fold of it begins with. */
export const readingAlone = async (store: EventStore): Promise<{ events: number; perSecond: number }> => {
  const start = performance.now();
  let events = 0;
  for await (const page of store.readAll()) events += page.events.length;
  return { events, perSecond: events / ((performance.now() - start) / 1_000) };
};
