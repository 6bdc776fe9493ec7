import { afterEach, describe, expect, it } from '@jest/globals';
import { type Consumer, startConsumer } from './testing/consumer.ts';
import { startNotifier, type WorldOptions } from './testing/world.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
});

const consumer = async (): Promise<Consumer> => {
  const started = await startConsumer();
  open.push({ stop: started.close });
  return started;
};
const notifier = async (options?: WorldOptions) => {
  const started = await startNotifier(options);
  open.push({ stop: () => started.stop(0) });
  return started;
};
const textsOf = ({ received }: Consumer): readonly string[] =>
  received.map(({ body }) => String(JSON.parse(body).data.text));

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
    expect(items.map(({ id: delivery }) => delivery).toSorted()).toEqual(
      here.received.map((one) => one.id).toSorted(),
    );
    expect(items[0]).toMatchObject({ responseStatus: 204, attempts: 1, error: null });
  });
});
