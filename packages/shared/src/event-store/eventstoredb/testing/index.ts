export {
  type EventStoreDbServer,
  type EventStoreDbServerOptions,
  startEventStoreDbServer,
} from './eventstoredb-server.ts';
export type { AppendFault, Faults } from './server-faults.ts';
