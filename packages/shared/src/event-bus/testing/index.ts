export { type EventBusUnderTest, eventBusContract } from './event-bus-contract.ts';
export { labelOf, sampleRecorder } from './sample-events.ts';
