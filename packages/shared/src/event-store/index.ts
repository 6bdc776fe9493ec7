export { ConcurrencyError, InvalidEventError, isRevisionConflict } from './errors.ts';
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
