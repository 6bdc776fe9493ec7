import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { categories } from '@partitura/shared/events';
import kafkajs, { type Admin, type IHeaders, type Kafka } from 'kafkajs';

/** As a stranger sees the bus: a client of its own. */
export interface BusContent {
  /** Everything that stands in the topics of the categories, each partition in its order. */
  read(): Promise<readonly BusMessage[]>;
  /** Puts them there once more. */
  repeat(messages: readonly BusMessage[]): Promise<void>;
  /** Sets what all groups of services have stored back to the beginning. They must have no members. */
  replay(): Promise<void>;
  /** Resolves when every group of services has handled all there is. */
  untilHandled(): Promise<void>;
  close(): Promise<void>;
}

export interface BusMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

const topics = categories.map((category) => `partitura.${category}`);
const groups = ['orchestrator.reactions', 'knowledge.extraction', 'agent-runner.submissions'].map(
  (group) => `partitura.${group}`,
);

const clientOf = (url: string): Kafka => {
  const { host, username, password } = new URL(url.replace(/^kafka:/, 'http:'));
  return new kafkajs.Kafka({
    brokers: [host],
    logLevel: kafkajs.logLevel.NOTHING,
    sasl: {
      mechanism: 'plain',
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
  });
};

export const openBusContent = async (url: string): Promise<BusContent> => {
  const kafka = clientOf(url);
  const admin = kafka.admin();
  await admin.connect();
  return {
    read: () => readAll(kafka, admin),
    repeat: async (messages) => {
      const producer = kafka.producer({
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      });
      await producer.connect();
      const byTopic = Map.groupBy(messages, ({ topic }) => topic);
      await producer.sendBatch({
        topicMessages: [...byTopic].map(([topic, all]) => ({ topic, messages: [...all] })),
      });
      await producer.disconnect();
    },
    replay: async () => {
      await Promise.all(groups.map((groupId) => beginAgain(kafka, admin, groupId)));
    },
    untilHandled: async () => {
      while ((await waiting(admin)) > 0) await sleep(200);
    },
    close: () => admin.disconnect(),
  };
};

/** By one member that comes for that alone: `resetOffsets` has one come and go for each topic, which took a minute. */
const beginAgain = async (kafka: Kafka, admin: Admin, groupId: string): Promise<void> => {
  const stored = await admin.fetchOffsets({ groupId });
  if (stored.length === 0) return;
  const consumer = kafka.consumer({ groupId });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: stored.map(({ topic }) => topic) });
  await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  await joined;
  await consumer.commitOffsets(
    stored.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition }) => ({ topic, partition, offset: '0' })),
    ),
  );
  await consumer.disconnect();
};

const endsOf = async (admin: Admin): Promise<ReadonlyMap<string, number>> => {
  const ends = new Map<string, number>();
  for (const topic of topics)
    for (const { partition, high } of await admin.fetchTopicOffsets(topic))
      ends.set(`${topic}/${partition}`, Number(high));
  return ends;
};

const waiting = async (admin: Admin): Promise<number> => {
  const ends = await endsOf(admin);
  let count = 0;
  for (const groupId of groups)
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId }))
      for (const { partition, offset } of partitions)
        count += Math.max(0, (ends.get(`${topic}/${partition}`) ?? 0) - Math.max(0, Number(offset)));
  return count;
};

const readAll = async (kafka: Kafka, admin: Admin): Promise<readonly BusMessage[]> => {
  const ends = await endsOf(admin);
  const missing = new Set([...ends].flatMap(([place, end]) => (end > 0 ? [place] : [])));
  const groupId = `reader-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const found: BusMessage[] = [];
  const all = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message: { key, value, headers = {}, offset } }) => {
      const place = `${topic}/${partition}`;
      if (Number(offset) < (ends.get(place) ?? 0)) found.push({ topic, partition, key, value, headers });
      if (Number(offset) + 1 >= (ends.get(place) ?? 0)) missing.delete(place);
      if (missing.size === 0) all.resolve();
    },
  });
  await all.promise;
  await consumer.disconnect();
  await admin.deleteGroups([groupId]);
  return found;
};

const headerOf = ({ headers }: BusMessage, name: string): string => String(headers[name] ?? '');

/** Positions of each key as they come, each for the first time. */
export const firstAppearances = (
  messages: readonly BusMessage[],
): Readonly<Record<string, readonly string[]>> => {
  const byKey = Map.groupBy(
    messages,
    (message) => `${message.topic} ${headerOf(message, 'ce_partitionkey')}`,
  );
  return Object.fromEntries(
    [...byKey].map(([key, all]) => [
      key,
      [...new Set(all.map((message) => headerOf(message, 'ce_position')))],
    ]),
  );
};
