import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from '../testing/index.ts';
import { openSqliteEventStore } from './open-sqlite-event-store.ts';

eventStoreContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-event-store-'));
  return {
    open: async (registry) => openSqliteEventStore({ path: join(directory, 'events.db'), registry }),
    remove: () => rm(directory, { recursive: true }),
  };
});
