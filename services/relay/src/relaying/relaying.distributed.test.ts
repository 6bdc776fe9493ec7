import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openKafkaEventBus, openKafkaOutlet } from '@partitura/shared/event-bus';
import { labelOf, sampleRecorder } from '@partitura/shared/event-bus/testing';
import { connectEventStoreDb, type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  type EventStoreDbServer,
  startEventStoreDbServer,
} from '@partitura/shared/event-store/eventstoredb/testing';
import {
  noMetrics,
  prometheusMetrics,
  runComponents,
  silentLogger,
  systemClock,
} from '@partitura/shared/runtime';
import { recorder } from '@partitura/shared/runtime/testing';
import { startKafka } from '../../../../infra/native/kafka.ts';
import type { NativeServer } from '../../../../infra/native/program.ts';
import { relayService } from '../service.ts';
import { readTopic } from '../testing/read-topic.ts';
import { type CrashPoint, type RelayProcess, spawnRelay } from '../testing/spawn-relay.ts';

const ports = { clock: systemClock, logger: silentLogger };
let directory: string;
let kafka: NativeServer;
let server: EventStoreDbServer;
let logs = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-'));
  kafka = await startKafka({ directory, settings: { 'group.min.session.timeout.ms': '100' } });
});
afterAll(async () => {
  await kafka.stop('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

interface World {
  readonly store: EventStore;
  readonly storeUrl: string;
  readonly busUrl: string;
  readonly prefix: string;
  spawn(crash?: { at: CrashPoint; afterPages: number }): RelayProcess;
}

const inWorld = (what: string, test: (world: World) => Promise<void>): void => {
  it(what, async () => {
    logs += 1;
    server = await startEventStoreDbServer();
    const storeUrl = `esdb://${server.address}?tls=false`;
    const store = await connectEventStoreDb({ url: storeUrl, ...ports });
    const prefix = `log${logs}.`;
    const busUrl = `${kafka.url}?prefix=${prefix}&partitions=3`;
    const relays: RelayProcess[] = [];
    const spawn = (crash?: { at: CrashPoint; afterPages: number }) => {
      const relay = spawnRelay(storeUrl, busUrl, crash);
      relays.push(relay);
      return relay;
    };
    try {
      await test({ store, storeUrl, busUrl, prefix, spawn });
    } finally {
      for (const relay of relays) {
        relay.signal('SIGKILL');
        await relay.ended;
      }
      await store.close();
      await server.close();
    }
  });
};

const runs = ['r_1', 'r_2', 'r_3', 'r_4'];

const recordNumbers = async (store: EventStore, from: number, to: number): Promise<void> => {
  const record = sampleRecorder(store);
  for (let number = from; number < to; number += 1)
    for (const run of runs) await record.queued(run, `${run}/${number}`);
};

/** What stands in the topic, each for the first time, is all of each run in its order; and how often it stands there. */
const expectTopic = async ({ prefix }: World, count: number): Promise<number> => {
  const labels = await readTopic(kafka.url, `${prefix}merge`, runs.length * count);
  const first = [...new Set(labels)];
  for (const run of runs)
    expect(first.filter((label) => label.startsWith(`${run}/`))).toEqual(
      Array.from({ length: count }, (_, number) => `${run}/${number}`),
    );
  return labels.length;
};

describe('relays to a real Kafka 4.3', () => {
  for (const at of ['read', 'publishing', 'published', 'checkpoint'] as const)
    inWorld(`lose nothing and keep the order when one is killed at "${at}"`, async (world) => {
      const { store, spawn } = world;
      const killed = spawn({ at, afterPages: 1 });
      await killed.said(/^active/);
      const next = spawn();
      await next.said(/^ready/);
      await recordNumbers(store, 0, 1);
      await killed.said(/^published/);
      await recordNumbers(store, 1, 10);
      await killed.ended;
      await recordNumbers(store, 10, 15);
      await next.said(/^active/);
      await expectTopic(world, 15);
    });

  inWorld('get along with one that was replaced and does not know it', async (world) => {
    const { store, spawn } = world;
    const zombie = spawn();
    await zombie.said(/^active/);
    const next = spawn();
    await next.said(/^ready/);
    await recordNumbers(store, 0, 5);
    await zombie.said(/^published/);
    // While it is busy: what it has read and not published yet goes out when it wakes up.
    const recording = recordNumbers(store, 5, 40);
    await sleep(50);
    zombie.signal('SIGSTOP');
    await next.said(/^active/);
    await recording;
    await next.said(/^published/);
    zombie.signal('SIGCONT');
    await recordNumbers(store, 40, 45);
    await expectTopic(world, 45);
  });

  inWorld('relay one at a time, and say which', async (world) => {
    const { store, busUrl } = world;
    const start = async () => {
      const metrics = prometheusMetrics();
      const outlet = await openKafkaOutlet({ url: busUrl, ...ports, times: { sessionMs: 3_000 } });
      const service = relayService({ ...ports, store, outlet, metrics });
      const running = await runComponents(service.components, ports);
      const isActive = async () => /^partitura_relay_active 1$/m.test(await metrics.text());
      const stop = async () => {
        await running.stop(5_000);
        await outlet.close();
      };
      return { text: metrics.text, isActive, stop, health: service.health };
    };
    const relays = [await start(), await start()];
    /** Only for as long as a rebalance takes are there none, or the old one that does not know it yet. */
    const active = async () => {
      for (;;) {
        const found = await Promise.all(relays.map(({ isActive }) => isActive()));
        if (found.filter((isActive) => isActive).length === 1) return found;
        await sleep(10);
      }
    };
    await recordNumbers(store, 0, 5);
    expect(await expectTopic(world, 5)).toBe(20);
    const before = await active();
    const [first, second] = before[0] ? relays : relays.toReversed();
    expect(await first?.text()).toContain('partitura_relay_events_total{category="merge"} 20');
    expect(await first?.text()).toContain('partitura_relay_lag_events 0');
    expect(await first?.health[0]?.check()).toBeNull();

    await first?.stop();
    await recordNumbers(store, 5, 8);
    // Handed over, not taken over: nothing is relayed twice.
    expect(await expectTopic(world, 8)).toBe(32);
    expect(await second?.isActive()).toBe(true);
    await second?.stop();
  });

  it('goes on by itself when the broker was away, and says so while it is, and when it has lost everything', async () => {
    logs += 1;
    const url = `${kafka.url}?prefix=log${logs}.&partitions=3`;
    const store = openSqliteEventStore({ path: ':memory:' });
    const outlet = await openKafkaOutlet({ url, ...ports, times: { sessionMs: 1_000 } });
    const service = relayService({ ...ports, store, outlet, metrics: noMetrics });
    const running = await runComponents(service.components, ports);
    const bus = await openKafkaEventBus({ url, ...ports, store, times: { sessionMs: 1_000 } });
    const seen = recorder<string>();
    await bus.subscribe({
      group: 'group',
      startFrom: 'beginning',
      handle: async (events) => {
        for (const event of events) seen.add(labelOf(event));
      },
    });
    const record = sampleRecorder(store);
    await record.queued('r_1', 'before');
    await seen.reached(1);
    const port = Number(/:(\d+)\//.exec(kafka.url)?.[1]);
    await kafka.stop('SIGKILL');
    await record.queued('r_1', 'meanwhile');
    while ((await service.health[0]?.check()) === null) await sleep(20);
    expect(await service.health[0]?.check()).toContain('has handed nothing on since');
    kafka = await startKafka({ directory, port, settings: { 'group.min.session.timeout.ms': '100' } });
    await seen.reached(2);
    await record.queued('r_1', 'after');
    while (!seen.items.includes('after')) await seen.reached(seen.items.length + 1);
    expect([...new Set(seen.items)]).toEqual(['before', 'meanwhile', 'after']);
    // This relay had its turn, and this consumer its lanes: nobody else is there to make the topics anew.
    await kafka.stop('SIGKILL');
    await rm(join(directory, 'data'), { recursive: true });
    kafka = await startKafka({ directory, port, settings: { 'group.min.session.timeout.ms': '100' } });
    await record.queued('r_1', 'anew');
    while (!seen.items.includes('anew')) await seen.reached(seen.items.length + 1);
    expect([...new Set(seen.items)]).toEqual(['before', 'meanwhile', 'after', 'anew']);
    while ((await service.health[0]?.check()) !== null) await sleep(20);
    await bus.close();
    await running.stop(5_000);
    await outlet.close();
    await store.close();
  });
});
