import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { laneQueue } from './delivering/courier.ts';
import { type Consumer, startConsumer } from './testing/consumer.ts';
import { contextOf, startNotifier, type World, type WorldOptions } from './testing/world.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
});

const consumer = async (): Promise<Consumer> => {
  const started = await startConsumer();
  open.push({ stop: started.close });
  return started;
};
const notifier = async (options?: WorldOptions): Promise<World> => {
  const started = await startNotifier(options);
  open.push({ stop: () => started.stop(0) });
  return started;
};
const textsOf = ({ received }: Consumer): readonly string[] =>
  received.map(({ body }) => String(JSON.parse(body).data.text));

const minute = 60_000;
const hour = 60 * minute;

/** Time passes in steps of the notifier's looks, and never while a request is under way: that would be too late at once. */
const slowly = async () => {
  const clock = virtualClock();
  const world = await notifier({ clock, lookEveryMs: 10 * minute });
  const isQuiet = async (): Promise<boolean> => {
    const { active, waiting } = await world.queue.counts(laneQueue);
    return active + waiting === 0;
  };
  const pass = async (until: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await until())) {
      if (await isQuiet()) await clock.advance(10 * minute);
      await nextTurn();
    }
  };
  return { clock, world, pass };
};

describe('a webhook', () => {
  it('is told of what comes after it, in order, signed so that the library of Standard Webhooks takes it', async () => {
    const [world, here] = [await notifier(), await consumer()];
    await world.record('r_1', 'before');
    const { id, secret } = await world.create(here.url);
    for (const text of ['one', 'two', 'three']) await world.record('r_1', text);
    await here.reached(3);
    expect(textsOf(here)).toEqual(['one', 'two', 'three']);
    for (const one of here.received) expect(here.verify(one, secret ?? '')).toMatchObject({ runid: 'r_1' });
    const items = await world.settled(id, 'delivered', 3);
    expect(new Set(items.map((one) => one.id))).toEqual(new Set(here.received.map((one) => one.id)));
    expect(items[0]).toMatchObject({ responseStatus: 204, attempts: 1, error: null, nextAttemptAt: null });
  });

  it('is told of what it asked for and of nothing else', async () => {
    const [world, here] = [await notifier(), await consumer()];
    await world.create(here.url, { types: ['run.*', 'task.completed'] });
    await world.create(here.url, { runIds: ['r_2'] });
    await world.create(here.url, { projectIds: ['p_other'] });
    const { id } = await world.create(here.url, {
      types: ['task.*'],
      projectIds: ['p_test'],
      runIds: ['r_3'],
    });
    await world.record('r_1', 'for nobody');
    await world.record('r_2', 'for the second');
    await world.record('r_3', 'for the fourth');
    await world.settled(id, 'delivered', 1);
    await here.reached(2);
    expect([...textsOf(here)].toSorted()).toEqual(['for the fourth', 'for the second']);
  });

  it('tries ten times over three days, lets nothing of the run past meanwhile, and gives up', async () => {
    const { world, pass } = await slowly();
    const here = await consumer();
    here.behave(({ body }) => (body.includes('poison') ? 500 : 204));
    const { id } = await world.create(here.url);
    await world.record('r_1', 'poison');
    await world.record('r_1', 'behind it');
    await world.record('r_2', 'another run');
    await pass(() => here.received.length >= 12);
    expect(textsOf(here).slice(0, 2).toSorted()).toEqual(['another run', 'poison']);
    expect(textsOf(here).slice(2)).toEqual([...Array.from({ length: 9 }, () => 'poison'), 'behind it']);
    expect(
      new Set(here.received.filter(({ body }) => body.includes('poison')).map((one) => one.id)).size,
    ).toBe(1);
    const [dead] = await world.settled(id, 'dead_letter', 1);
    expect(dead).toMatchObject({ attempts: 10, responseStatus: 500, responseHead: 'said 500' });
    const failures = await world.events(['webhook.attempt_failed', 'webhook.dead_lettered']);
    const times = failures.map(({ time }) => Date.parse(time));
    const lasted = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(lasted).toBeGreaterThan(64 * hour);
    expect(lasted).toBeLessThan(80 * hour);
  });

  it('gives what waited behind a dead consumer for three days one attempt each, not three days each', async () => {
    const { world, pass } = await slowly();
    const here = await consumer();
    here.behave(() => 503);
    const { id } = await world.create(here.url);
    for (let count = 0; count < 20; count += 1) await world.record('r_1', `event ${count}`);
    await pass(async () => (await world.deliveries(id)).every(({ status }) => status === 'dead_letter'));
    expect(here.received).toHaveLength(10 + 19);
  });

  it('counts no answer within 15 seconds, and a redirect, as failures, and goes nowhere else', async () => {
    const clock = virtualClock();
    const world = await notifier({ clock, lookEveryMs: 1_000 });
    const [hanging, redirecting, elsewhere] = [await consumer(), await consumer(), await consumer()];
    hanging.behave(() => 'handled');
    redirecting.behave((_, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
      return 'handled';
    });
    const one = await world.create(hanging.url);
    const other = await world.create(redirecting.url);
    await world.record('r_1', 'text');
    await Promise.all([hanging.reached(1), redirecting.reached(1)]);
    await world.until(async () => ((await world.deliveries(other.id))[0]?.attempts === 1 ? true : null));
    await clock.advance(14_999);
    expect((await world.deliveries(one.id))[0]).toMatchObject({ attempts: 0, status: 'pending' });
    await clock.advance(1);
    await world.until(async () => ((await world.deliveries(one.id))[0]?.attempts === 1 ? true : null));
    expect((await world.deliveries(one.id))[0]).toMatchObject({
      error: { code: 'TIMED_OUT' },
      responseStatus: null,
      latencyMs: 15_000,
    });
    expect((await world.deliveries(other.id))[0]).toMatchObject({
      error: { code: 'REDIRECTED' },
      responseStatus: 307,
    });
    expect(elsewhere.received).toHaveLength(0);
  });

  it('is switched off by 410, and goes on where it was when it is switched on again', async () => {
    const [world, here] = [await notifier(), await consumer()];
    here.behave(() => 410);
    const { id } = await world.create(here.url);
    await world.record('r_1', 'one');
    await here.reached(1);
    await world.until(async () => {
      const { items } = await world.operations.listWebhooks(
        { params: {}, query: { limit: 50 }, body: null },
        contextOf(),
      );
      return items[0]?.enabled === false ? true : null;
    });
    expect((await get(world, id)).disabledReason).toBe('gone');
    await world.record('r_1', 'while it was off');
    here.behave(() => 200);
    await world.operations.changeWebhook({ params: { id }, query: {}, body: { enabled: true } }, contextOf());
    await world.settled(id, 'delivered', 1);
    await world.record('r_1', 'two');
    await world.settled(id, 'delivered', 2);
    expect(textsOf(here)).toEqual(['one', 'one', 'two']);
  });

  it('that is away gets everything in order when it is back', async () => {
    const { world, pass } = await slowly();
    const here = await consumer();
    const { id } = await world.create(here.url);
    await here.leave();
    for (const text of ['one', 'two', 'three']) await world.record('r_1', text);
    await pass(async () => (await world.deliveries(id)).some(({ attempts }) => attempts === 3));
    expect((await world.deliveries(id)).map(({ attempts }) => attempts).toSorted()).toEqual([0, 0, 3]);
    await here.comeBack();
    await pass(() => here.received.length === 3);
    expect(textsOf(here)).toEqual(['one', 'two', 'three']);
  });

  it('that hangs on a hundred runs holds up nobody else', async () => {
    const [world, hanging, here] = [await notifier(), await consumer(), await consumer()];
    hanging.behave(() => 'handled');
    await world.create(hanging.url);
    const { id } = await world.create(here.url);
    for (let run = 0; run < 100; run += 1) await world.record(`r_${run}`, `event ${run}`);
    await world.settled(id, 'delivered', 100);
    expect(hanging.received.length).toBeLessThanOrEqual(8);
  });

  it('is sent a delivery again, under the same id, whatever became of it, without holding up the run', async () => {
    const [world, here] = [await notifier(), await consumer()];
    const { id } = await world.create(here.url);
    await world.record('r_1', 'one');
    const [first] = await world.settled(id, 'delivered', 1);
    here.behave(({ body }) => (body.includes('one') ? 500 : 200));
    const again = { params: { id, delivery: first?.id ?? '' }, query: {}, body: null };
    await world.operations.redeliverWebhook(again, contextOf());
    await here.reached(2);
    await world.record('r_1', 'two');
    await here.reached(3);
    expect(textsOf(here)).toEqual(['one', 'one', 'two']);
    expect(here.received[1]?.id).toBe(first?.id);
    // It waits for its next attempt; asked for once more, it does not.
    here.behave(() => 200);
    await world.until(async () =>
      (await world.deliveries(id)).some(({ attempts, status }) => attempts === 1 && status === 'pending')
        ? true
        : null,
    );
    await world.operations.redeliverWebhook(again, contextOf());
    await here.reached(4);
    await world.settled(id, 'delivered', 2);
    expect(textsOf(here).at(-1)).toBe('one');
  });

  it('costs the log few events for many deliveries, and is told of none of them', async () => {
    const [world, here] = [await notifier(), await consumer()];
    const { id } = await world.create(here.url);
    const before = (await world.events()).length;
    for (let count = 0; count < 300; count += 1) await world.record('r_1', `event ${count}`);
    await world.settled(id, 'delivered', 300);
    const own = (await world.events()).slice(before).filter(({ type }) => type.startsWith('webhook.'));
    expect(own.length).toBeLessThan(60);
    expect(here.received).toHaveLength(300);
    expect(new Set(here.received.map(({ type }) => type))).toEqual(new Set(['task.commented']));
  });
});

const get = (world: World, id: string) =>
  world.operations.getWebhook({ params: { id }, query: {}, body: null }, contextOf());
