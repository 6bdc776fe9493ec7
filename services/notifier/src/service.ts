import type { EventStore } from '@partitura/shared/event-store';
import type { InstallationSecrets } from '@partitura/shared/hosting';
import type { JobQueue } from '@partitura/shared/job-queue';
import { commandHandler } from '@partitura/shared/processing';
import type { ReadModels } from '@partitura/shared/read-models';
import type { Clock, Component, Configuration, Logger, Randomness, Service } from '@partitura/shared/runtime';
import { laneDecider } from './deliveries/lane.ts';
import { courier } from './delivering/courier.ts';
import { createGates } from './delivering/gates.ts';
import { laneRunner } from './delivering/lane-runner.ts';
import { deliveryOperations } from './operations/delivery-operations.ts';
import { webhookOperations } from './operations/webhook-operations.ts';
import { recordKeeper } from './records/record-keeper.ts';
import { secretBox } from './secrets/secret-box.ts';
import { addressGuard } from './sending/address-guard.ts';
import type { Resolve } from './sending/guarded-lookup.ts';
import { createSender } from './sending/sender.ts';
import { webhookDecider } from './webhooks/decider.ts';

export interface NotifierDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly configuration: Pick<Configuration, 'webhookAllow'>;
  readonly installationSecrets: InstallationSecrets;
  /** Between two looks at what is due, in milliseconds. Default 2,000. */
  readonly lookEveryMs?: number;
  /** Default: as the system resolves names. */
  readonly resolve?: Resolve;
}

/** Requests to one consumer at once. A dead one takes 15 s for each, and has to be waited for by nobody else. */
const requestsPerWebhook = 8;

export interface NotifierServices {
  /** Follows the log and answers: also in a process that only looks. */
  readonly reading: Service;
  /** Sends. */
  readonly working: Service;
}

/** Tells other programs what happens. Owns the streams `webhook-<id>` and `webhook-<id>.<lane>`. */
export const notifierServices = (dependencies: NotifierDependencies): NotifierServices => {
  const { store, queue, readModels, clock, randomness, lookEveryMs = 2_000 } = dependencies;
  const logger = dependencies.logger.child({ service: 'notifier' });
  const guard = addressGuard(dependencies.configuration.webhookAllow);
  const secrets = secretBox(dependencies.installationSecrets);
  const webhooks = commandHandler(store, webhookDecider);
  const lanes = commandHandler(store, laneDecider);
  const records = recordKeeper({ store, readModels, clock, logger, lookEveryMs });
  const { resolve } = dependencies;
  const sender = createSender({ guard, clock, ...(resolve ? { resolve } : {}) });
  const gates = createGates(requestsPerWebhook);
  const runner = laneRunner({
    store,
    readModels,
    webhooks,
    lanes,
    sender,
    secrets,
    gates,
    clock,
    randomness,
    logger,
  });
  const delivering = courier({ queue, readModels, records, lanes: runner, clock, logger, lookEveryMs });
  const operations = { store, webhooks, lanes, readModels, records, secrets, guard, clock };
  const connections: Component = {
    name: 'notifier.connections',
    start: async () => undefined,
    stop: () => sender.close(),
  };
  return {
    reading: {
      name: 'notifier',
      operations: { ...webhookOperations(operations), ...deliveryOperations(operations) },
      components: [records],
      health: [records.health],
    },
    working: {
      name: 'notifier',
      operations: {},
      components: [connections, delivering],
      health: [delivering.health],
    },
  };
};

/** Both in one. */
export const notifierService = (dependencies: NotifierDependencies): Service => {
  const { reading, working } = notifierServices(dependencies);
  return {
    name: reading.name,
    operations: reading.operations,
    components: [...reading.components, ...working.components],
    health: [...reading.health, ...working.health],
  };
};
