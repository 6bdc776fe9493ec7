export {
  acquireDataDirectory,
  type DataDirectory,
  type DataDirectoryHolder,
  DataDirectoryLockedError,
  readDataDirectoryHolder,
} from './data-directory.ts';
export { ConcurrencyError, InvalidEventError, isRevisionConflict } from './errors.ts';
export { connectEventStoreDb, type EventStoreDbOptions } from './eventstoredb/connect.ts';
export type {
  AppendResult,
  EventFilter,
  EventPage,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
} from './port.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite/open-sqlite-event-store.ts';
