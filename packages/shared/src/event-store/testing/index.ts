export { eventStoreContract } from './event-store-contract.ts';
export type { EventStoreUnderTest, MakeEventStore } from './under-test.ts';
