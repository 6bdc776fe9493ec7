export { CheckpointConflictError, type CheckpointStore, memoryCheckpoints } from './checkpoints.ts';
export { type InProcessEventBusOptions, inProcessEventBus } from './in-process.ts';
export { BusError, type BusErrorCode } from './kafka/errors.ts';
export type { KafkaEventBusOptions } from './kafka/kafka-event-bus.ts';
export type { KafkaOutletOptions } from './kafka/kafka-outlet.ts';
export { openKafkaEventBus, openKafkaOutlet } from './kafka/open.ts';
export type { EventOutlet, RelayTurn } from './outlet.ts';
export type * from './port.ts';
export { type SqliteCheckpoints, sqliteCheckpoints } from './sqlite-checkpoints.ts';
