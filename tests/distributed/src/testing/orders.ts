import { setTimeout as sleep } from 'node:timers/promises';
import { parseStreamName, type StreamName } from '@partitura/shared/events';
import type { ApiClient } from '@partitura/shared/http';
import { type BusContent, firstAppearances } from './bus-content.ts';
import type { World } from './world.ts';

/** Positions of each topic and key, in order. */
export type Order = Readonly<Record<string, readonly string[]>>;

/** What the bus has, without what is there again. */
const orderOnBus = async (bus: BusContent): Promise<Order> => firstAppearances(await bus.read());

/** What it has to have. */
const orderInLog = async (world: World): Promise<Order> => {
  const byKey = Map.groupBy(await world.log(), ({ stream }) => topicAndKey(stream));
  return Object.fromEntries([...byKey].map(([key, events]) => [key, events.map(({ position }) => position)]));
};

/**
 * What the bus has of what the log has now, as soon as that is all there: what is recorded meanwhile, like who has read what, is on its way for a
 * moment. Bounded by the time of the test.
 */
export const ordersUpToNow = async (
  bus: BusContent,
  world: World,
): Promise<{ readonly onBus: Order; readonly inLog: Order }> => {
  const inLog = await orderInLog(world);
  const head = Object.values(inLog).flat().sort().at(-1) ?? '';
  for (;;) {
    const onBus = upTo(await orderOnBus(bus), head);
    if (sizeOf(onBus) >= sizeOf(inLog)) return { onBus, inLog };
    await sleep(200);
  }
};

const sizeOf = (order: Order): number => Object.values(order).flat().length;

const upTo = (order: Order, head: string): Order =>
  Object.fromEntries(
    Object.entries(order)
      .map(([key, positions]) => [key, positions.filter((position) => position <= head)] as const)
      .filter(([, positions]) => positions.length > 0),
  );

const topicAndKey = (stream: StreamName): string => {
  const { category, id } = parseStreamName(stream);
  return `partitura.${category} ${category === 'agent' ? id.split('.', 1)[0] : id}`;
};

/** Ids of all that is known, as the knowledge service answers. */
export const knownOf = async (client: ApiClient): Promise<readonly string[]> => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 500, ...(cursor === null ? {} : { cursor }) };
    const page = await client.call('listKnowledge', { query });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids.sort();
};

/** Ids of all that was recorded as known. */
export const recordedKnowledge = async (world: World): Promise<readonly string[]> =>
  (await world.log())
    .filter(({ type }) => type === 'knowledge.node_added')
    .map(({ data }) => String(Reflect.get(Object(data), 'nodeId')))
    .sort();
