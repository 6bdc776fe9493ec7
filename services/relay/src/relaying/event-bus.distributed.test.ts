import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import { type EventBus, openKafkaEventBus, openKafkaOutlet } from '@partitura/shared/event-bus';
import { mortalSockets } from '@partitura/shared/event-bus/kafka/testing';
import { eventBusContract } from '@partitura/shared/event-bus/testing';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { noMetrics, runComponents, silentLogger, systemClock } from '@partitura/shared/runtime';
import { startKafka } from '../../../../infra/native/kafka.ts';
import type { NativeServer } from '../../../../infra/native/program.ts';
import { relayService } from '../service.ts';

let kafka: NativeServer;
let directory: string;
let opened = 0;

// The property of the suite restarts buses dozens of times, and each rejoins its group.

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-'));
  // A killed consumer is gone after its session: the suite kills dozens.
  kafka = await startKafka({ directory, settings: { 'group.min.session.timeout.ms': '100' } });
});

afterAll(async () => {
  // Of buses that were cut off the client goes on trying to leave, for about two seconds.
  await sleep(3_000);
  await kafka?.stop('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

eventBusContract('the bus on a real Kafka 4.3, with the relay before it,', async () => {
  opened += 1;
  const url = `${kafka.url}?prefix=test${opened}.&partitions=2`;
  const ports = { clock: systemClock, logger: silentLogger };
  const store = openSqliteEventStore({ path: ':memory:' });
  const outlet = await openKafkaOutlet({ url, clock: systemClock });
  const relay = await runComponents(
    relayService({ ...ports, store, outlet, metrics: noMetrics }).components,
    ports,
  );
  const crashes = new Map<EventBus, () => void>();
  return {
    store,
    connect: async () => {
      const { socketFactory, cut } = mortalSockets();
      const times = { sessionMs: 400, stopMs: 300 };
      const bus = await openKafkaEventBus({ ...ports, url, store, socketFactory, times });
      crashes.set(bus, cut);
      return bus;
    },
    crash: async (bus) => crashes.get(bus)?.(),
    close: async () => {
      await relay.stop(5_000);
      await outlet.close();
      await store.close();
    },
  };
});
