import { afterEach, beforeEach, describe } from '@jest/globals';
import type { EventStore } from '../port.ts';
import { appendContract } from './append-contract.ts';
import { firstRegistry } from './made-up-events.ts';
import { modelContract } from './model-contract.ts';
import { readingContract } from './reading-contract.ts';
import { restoreContract } from './restore-contract.ts';
import { subscriptionContract } from './subscription-contract.ts';
import type { EventStoreUnderTest, MakeEventStore } from './under-test.ts';

/** Everything the port promises. Every adapter passes it: call it in a test file of the adapter. */
export const eventStoreContract = (name: string, make: MakeEventStore): void => {
  describe(`event store: ${name}`, () => {
    let underTest: EventStoreUnderTest;
    let store: EventStore;

    beforeEach(async () => {
      underTest = await make();
      store = await underTest.open(firstRegistry);
    });
    afterEach(async () => {
      await store.close();
      await underTest.remove();
    });

    describe('append', () => appendContract(() => store));
    describe('reading', () => readingContract(() => store));
    describe('restoring and examining', () =>
      restoreContract(
        () => store,
        () => underTest,
      ));
    describe('subscriptions and restarts', () =>
      subscriptionContract(
        () => store,
        () => underTest,
      ));
  });
  describe(`event store: ${name}: any sequence`, () => modelContract(make));
};
