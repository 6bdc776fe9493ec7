export { eventBusContract } from './event-bus-contract.ts';
export { labelOf, sampleRecorder } from './sample-events.ts';
export type { EventBusUnderTest } from './under-test.ts';
