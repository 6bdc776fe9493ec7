export {
  acquireDataDirectory,
  type DataDirectory,
  type DataDirectoryHolder,
  DataDirectoryLockedError,
  readDataDirectoryHolder,
} from './data-directory.ts';
export { ConcurrencyError, InvalidEventError, isRevisionConflict } from './errors.ts';
export { type EventSealing, noSealing } from './event-sealing.ts';
export { connectEventStoreDb, type EventStoreDbOptions } from './eventstoredb/connect.ts';
export type {
  AppendResult,
  EventFilter,
  EventPage,
  EventStore,
  ExaminedPage,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  StorageFinding,
  SubscribeOptions,
} from './port.ts';
export { examineSqliteLog } from './sqlite/examining.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite/open-sqlite-event-store.ts';
export { openToLook } from './sqlite/open-to-look.ts';
