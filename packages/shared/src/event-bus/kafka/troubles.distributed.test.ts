import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { startKafka } from '../../../../../infra/native/kafka.ts';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { type EventStore, openSqliteEventStore } from '../../event-store/index.ts';
import { createEventRegistry, parseStreamName, type RecordedEvent, registry } from '../../events/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { deferred, recorder } from '../../runtime/testing/index.ts';
import { openKafkaEventBus } from '../index.ts';
import type { BusSubscription, EventBus } from '../port.ts';
import { labelOf, sampleRecorder } from '../testing/index.ts';
import { connectKafka } from './connection.ts';
import type { GroupTimes } from './group-options.ts';
import { openPublisher } from './publisher.ts';
import { startPump } from './testing/pump.ts';
import { spawnConsumer } from './testing/spawn-consumer.ts';

const settings = { 'group.min.session.timeout.ms': '100' };
let directory: string;
let kafka: NativeServer;
let logs = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kafka-'));
  kafka = await startKafka({ directory, settings });
});

afterAll(async () => {
  await kafka.stop('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

const port = () => Number(new URL(kafka.url.replace('kafka:', 'http:')).port);

interface World {
  readonly url: string;
  readonly store: EventStore;
  readonly record: ReturnType<typeof sampleRecorder>;
  readonly connect: (times?: Partial<GroupTimes>) => Promise<EventBus>;
}

/** A log of its own, with topics of their own, that is relayed. */
const inWorld = (what: string, test: (world: World) => Promise<void>, partitions = 4): void => {
  it(what, async () => {
    logs += 1;
    const url = `${kafka.url}?prefix=log${logs}.&partitions=${partitions}`;
    const store = openSqliteEventStore({ path: ':memory:' });
    const pump = await startPump(url, store);
    const buses: EventBus[] = [];
    const connect = async (times: Partial<GroupTimes> = {}) => {
      const bus = await openKafkaEventBus({
        url,
        store,
        clock: systemClock,
        times: { sessionMs: 1_000, ...times },
      });
      buses.push(bus);
      return bus;
    };
    try {
      await test({ url, store, connect, record: sampleRecorder(store) });
    } finally {
      for (const bus of buses) await bus.close();
      await pump.stop();
      await store.close();
    }
  });
};

const runs = ['r_1', 'r_2', 'r_3', 'r_4', 'r_5', 'r_6'];

/** `<run>/0`, `<run>/1` … of each run, in as many appends. */
const recordNumbers = async ({ record }: World, from: number, to: number): Promise<void> => {
  for (let number = from; number < to; number += 1)
    for (const run of runs) await record.queued(run, `${run}/${number}`);
};

/** What was seen, each for the first time, is all of each run in its order. */
const expectAllInOrder = (seen: readonly string[], count: number): void => {
  const first = [...new Set(seen)];
  for (const run of runs)
    expect(first.filter((label) => label.startsWith(`${run}/`))).toEqual(
      Array.from({ length: count }, (_, number) => `${run}/${number}`),
    );
};

const collecting = (bus: EventBus, more: Partial<BusSubscription> = {}) => {
  const seen = recorder<string>();
  const running = bus.subscribe({
    group: 'group',
    startFrom: 'beginning',
    handle: async (events) => {
      for (const event of events) seen.add(labelOf(event));
    },
    ...more,
  });
  return { seen, running };
};

const sawAll = async (
  seen: { items: readonly string[]; reached(count: number): Promise<unknown> },
  count: number,
) => {
  while (new Set(seen.items).size < count) await seen.reached(seen.items.length + 1);
};

describe('the bus on a real Kafka 4.3', () => {
  inWorld('goes on by itself when the broker is killed and comes back', async (world) => {
    const { seen, running } = collecting(await world.connect());
    await running;
    await recordNumbers(world, 0, 10);
    await sawAll(seen, 60);
    await kafka.stop('SIGKILL');
    await recordNumbers(world, 10, 20);
    kafka = await startKafka({ directory, settings, port: port() });
    await recordNumbers(world, 20, 30);
    await sawAll(seen, 180);
    expectAllInOrder(seen.items, 30);
    while ((await (await running).lag()) > 0) await sleep(20);
  });

  inWorld('goes on by itself when the broker hangs for longer than a session', async (world) => {
    const { seen, running } = collecting(await world.connect());
    await running;
    await recordNumbers(world, 0, 5);
    process.kill(kafka.processId, 'SIGSTOP');
    try {
      await recordNumbers(world, 5, 10);
      await sleep(2_500);
    } finally {
      process.kill(kafka.processId, 'SIGCONT');
    }
    await recordNumbers(world, 10, 15);
    await sawAll(seen, 90);
    expectAllInOrder(seen.items, 15);
  });

  inWorld('hands a killed consumer’s runs to the other, and loses none of their events', async (world) => {
    const killed = await spawnConsumer(world.url, 'group');
    const { seen, running } = collecting(await world.connect(), { batchSize: 5 });
    await running;
    await recordNumbers(world, 0, 10);
    // Both have a part of the runs.
    await killed.lines.reached(2);
    await seen.reached(1);
    await killed.kill();
    await recordNumbers(world, 10, 20);
    const all = () => [...killed.lines.items.filter((line) => line !== 'ready'), ...seen.items];
    while (new Set(all()).size < 120) await seen.reached(seen.items.length + 1);
    expectAllInOrder(all(), 20);
  });

  inWorld('never has a run in two hands while consumers come and go', async (world) => {
    const atWork = new Set<string>();
    const overlaps: string[] = [];
    const seen = recorder<string>();
    const handle = async (events: readonly RecordedEvent[]) => {
      const own = [...new Set(events.map(({ stream }) => parseStreamName(stream).id))];
      overlaps.push(...own.filter((run) => atWork.has(run)));
      for (const run of own) atWork.add(run);
      await sleep(30);
      for (const run of own) atWork.delete(run);
      for (const event of events) seen.add(labelOf(event));
    };
    const first = await world.connect();
    await collecting(first, { handle, batchSize: 2 }).running;
    const recording = recordNumbers(world, 0, 40);
    for (let round = 0; round < 3; round += 1) {
      const other = await world.connect();
      await collecting(other, { handle, batchSize: 2 }).running;
      await sleep(150);
      await other.close();
    }
    await recording;
    await sawAll(seen, 240);
    expect(overlaps).toEqual([]);
    // Nothing was handled twice either: what is handed over is stored before.
    expect(seen.items.length).toBe(240);
    expectAllInOrder(seen.items, 40);
  });

  inWorld('keeps its place in the group while a batch takes longer than a session', async (world) => {
    const release = deferred<void>();
    const begun = recorder<string>();
    const { running } = collecting(await world.connect({ sessionMs: 500 }), {
      handle: async (events) => {
        for (const event of events) begun.add(labelOf(event));
        await release.promise;
      },
    });
    await running;
    await world.record.queued('r_1', 'long');
    await begun.reached(1);
    await sleep(2_000);
    await world.record.queued('r_1', 'next');
    release.resolve();
    // Somebody who had lost the group would be given the first again.
    expect(await begun.reached(2)).toEqual(['long', 'next']);
  });

  inWorld('gives all of a run to one of several consumers, whatever its events are about', async (world) => {
    const owners = new Map<string, Set<string>>();
    const seen = recorder<string>();
    const consumer = async (name: string) => {
      const handle = async (events: readonly RecordedEvent[]) => {
        for (const event of events) {
          const { id } = parseStreamName(event.stream);
          owners.set(id, (owners.get(id) ?? new Set()).add(name));
          seen.add(labelOf(event));
        }
      };
      await collecting(await world.connect(), { handle }).running;
    };
    await consumer('one');
    await consumer('other');
    for (const run of runs) {
      await world.record.queued(run, `${run} queued`);
      await world.record.parked(run, `${run} parked`);
    }
    await seen.reached(12);
    for (const run of runs) expect(owners.get(run)?.size).toBe(1);
    expect(new Set([...owners.values()].flatMap((names) => [...names])).size).toBe(2);
  });

  inWorld('handles once what a relay hands on twice', async (world) => {
    const { seen, running } = collecting(await world.connect());
    await running;
    await recordNumbers(world, 0, 5);
    await sawAll(seen, 30);
    // Another relay at the same time, which has no turn: one that was paused and does not know that it was replaced.
    const connection = await connectKafka({ url: world.url, clock: systemClock });
    const zombie = await openPublisher({ connection, clock: systemClock, logger: silentLogger });
    for await (const { events } of world.store.readAll())
      await zombie.publish(events, new AbortController().signal, () => {});
    await recordNumbers(world, 5, 6);
    await sawAll(seen, 36);
    const ends = await connection.admin.fetchTopicOffsets(`log${logs}.merge`);
    expect(ends.reduce((sum, { high }) => sum + Number(high), 0)).toBe(30 + 30 + 6);
    await zombie.close();
    await connection.close();
    expect(seen.items.length).toBe(36);
  });

  inWorld('hands everything over again when somebody resets the group’s offsets', async (world) => {
    const before = await world.connect();
    const { seen, running } = collecting(before);
    await running;
    await recordNumbers(world, 0, 3);
    await sawAll(seen, 18);
    await before.close();

    const admin = new kafkajs.Kafka({
      brokers: [`127.0.0.1:${port()}`],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    await admin.connect();
    await admin.resetOffsets({ groupId: `log${logs}.group`, topic: `log${logs}.merge`, earliest: true });
    await admin.disconnect();

    const { seen: again } = collecting(await world.connect());
    await sawAll(again, 18);
    expectAllInOrder(again.items, 3);
  });

  inWorld('gives events in the version of the program that reads them', async (world) => {
    const { 'merge.queued': queued, ...others } = registry.merge;
    if (!queued) throw new Error('merge.queued is gone');
    const upcasters = {
      ...queued.upcasters,
      [queued.version]: (data: object) => ({ ...data, branch: 'renamed' }),
    };
    const newer = createEventRegistry({
      ...registry,
      merge: { ...others, 'merge.queued': { ...queued, version: queued.version + 1, upcasters } },
    });
    const { url, store } = world;
    const bus = await openKafkaEventBus({ url, store, clock: systemClock, registry: newer });
    const seen = recorder<RecordedEvent>();
    await bus.subscribe({
      group: 'newer',
      startFrom: 'beginning',
      handle: async (events) => events.forEach(seen.add),
    });
    await world.record.queued('r_1', 'a');
    const [event] = await seen.reached(1);
    expect(event).toMatchObject({ version: queued.version + 1, data: { attemptId: 'a', branch: 'renamed' } });
    await bus.close();
  });
});
