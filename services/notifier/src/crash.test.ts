import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { systemClock } from '@partitura/shared/runtime';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { type Consumer, type Received, startConsumer } from './testing/consumer.ts';
import { startNotifier } from './testing/world.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

const consumer = async (): Promise<Consumer> => {
  const started = await startConsumer();
  open.push(started.close);
  return started;
};

/** What a consumer that de-duplicates has seen, in the order in which it did. */
const seenOnce = (received: readonly Received[]): readonly string[] => [
  ...new Map(received.map(({ id, body }) => [id, String(JSON.parse(body).data.text)])).values(),
];
const eventsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `event ${index + 1}`);

/** Deliveries recorded as taken, however often. */
const takenIn = (events: readonly RecordedEvent[]): readonly string[] =>
  events.flatMap(({ type, data }) =>
    type === 'webhook.delivered'
      ? (data as { deliveries: { deliveryId: string }[] }).deliveries.map(({ deliveryId }) => deliveryId)
      : [],
  );

describe('a notifier', () => {
  it('that is killed between the consumer’s yes and its own record sends that event again, under the same id', async () => {
    const data = await mkdtemp(join(tmpdir(), 'notifier-'));
    open.push(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    const here = await consumer();
    const count = 12;
    let child: ChildProcess | null = null;
    const start = (): ChildProcess => {
      const script = fileURLToPath(new URL('testing/host.ts', import.meta.url));
      const started = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', script, data, here.url, String(count)],
        { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env.PATH } },
      );
      child = started;
      return started;
    };
    const kill = (at: number) => {
      here.behave((_, response) => {
        if (here.received.length !== at) return 200;
        // It has the event, and says so to nobody.
        child?.kill('SIGKILL');
        response.destroy();
        return 'handled';
      });
    };
    kill(3);
    await once(start(), 'close');
    const before = here.received.at(-1);
    kill(8);
    const second = once(start(), 'close');
    await here.reached(4);
    await second;
    here.behave(() => 200);
    const last = start();
    while (seenOnce(here.received).length < count) await here.reached(here.received.length + 1);
    last.kill('SIGKILL');
    await once(last, 'close');
    expect(seenOnce(here.received)).toEqual(eventsUpTo(count));
    expect(here.received.filter(({ id }) => id === before?.id).length).toBeGreaterThan(1);
    expect(new Set(here.received.map(({ id }) => id)).size).toBe(count);
  });

  it('beside another one, on one queue and one log, sends each event once, in order', async () => {
    const here = await consumer();
    const shared = {
      store: openSqliteEventStore({ path: ':memory:' }),
      readModels: openSqliteReadModels({ path: ':memory:' }),
      queue: inProcessJobQueue({ clock: systemClock }),
    };
    const [one, other] = [await startNotifier(shared), await startNotifier(shared)];
    open.push(
      () => one.stop(0),
      () => other.stop(0),
    );
    const { id } = await one.create(here.url);
    const runs = 5;
    for (let number = 1; number <= 20; number += 1)
      for (let run = 0; run < runs; run += 1) await other.record(`r_${run}`, `event ${number}`);
    await one.settled(id, 'delivered', 20 * runs);
    for (let run = 0; run < runs; run += 1)
      expect(seenOnce(here.received.filter(({ runId }) => runId === `r_${run}`))).toEqual(eventsUpTo(20));
    const taken = takenIn(await one.events());
    expect(taken).toHaveLength(20 * runs);
    expect(new Set(taken).size).toBe(20 * runs);
  });

  it('that loses its queue, its documents, or both, has all of it again from the log, and sends nothing twice', async () => {
    const here = await consumer();
    const store = openSqliteEventStore({ path: ':memory:' });
    const readModels = openSqliteReadModels({ path: ':memory:' });
    here.behave(({ body }) => (body.includes('poison') ? 500 : 200));
    const clock = virtualClock();
    const first = await startNotifier({ store, readModels, clock, lookEveryMs: 1_000 });
    const { id } = await first.create(here.url);
    await first.record('r_1', 'event 1');
    await first.record('r_1', 'poison');
    await first.record('r_1', 'event 3');
    await first.record('r_2', 'event 1');
    await first.settled(id, 'delivered', 2);
    await first.until(async () =>
      (await first.deliveries(id)).some(({ error }) => error !== null) ? true : null,
    );
    const before = await first.deliveries(id);
    await first.stop(0);

    // A queue that knows nothing, on the documents that there are.
    const second = await startNotifier({ store, readModels, clock, lookEveryMs: 1_000 });
    await second.record('r_2', 'event 2');
    await second.settled(id, 'delivered', 3);
    await second.stop(0);

    const third = await startNotifier({ store, clock, lookEveryMs: 1_000 });
    open.push(() => third.stop(0));
    await third.settled(id, 'delivered', 3);
    expect((await third.deliveries(id)).filter(({ runId }) => runId === 'r_1')).toEqual(
      before.filter(({ runId }) => runId === 'r_1'),
    );
    here.behave(() => 200);
    await third.settled(id, 'delivered', 5);
    expect(seenOnce(here.received.filter(({ runId }) => runId === 'r_1'))).toEqual([
      'event 1',
      'poison',
      'event 3',
    ]);
    const texts = here.received.map(({ runId, body }) => `${runId} ${JSON.parse(body).data.text}`);
    expect(texts.filter((text) => !text.includes('poison')).toSorted()).toEqual([
      'r_1 event 1',
      'r_1 event 3',
      'r_2 event 1',
      'r_2 event 2',
    ]);
  });
});
