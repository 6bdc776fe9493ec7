export { CheckpointConflictError, type CheckpointStore, memoryCheckpoints } from './checkpoints.ts';
export { type InProcessEventBusOptions, inProcessEventBus } from './in-process.ts';
export type * from './port.ts';
export { type SqliteCheckpoints, sqliteCheckpoints } from './sqlite-checkpoints.ts';
