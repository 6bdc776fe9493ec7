import type { Admin } from 'kafkajs';
import { type Category, categories } from '../../events/index.ts';
import { backoffAfter } from '../../runtime/backoff.ts';
import type { KafkaConnection } from './connection.ts';
import { asBusError, BusError, isNotYetThere } from './errors.ts';
import type { KafkaAddress } from './kafka-url.ts';

export const topicOf = ({ prefix }: KafkaAddress, category: Category): string => `${prefix}${category}`;

/** What the relays hold on to: its one partition has one holder. Nothing is ever written into it. */
export const leaseTopic = ({ prefix }: KafkaAddress): string => `${prefix}relay`;

export const groupId = ({ prefix }: KafkaAddress, group: string): string => `${prefix}${group}`;

/** As large as an event can be in any of the stores. */
const mostBytes = 16 * 1_024 * 1_024;

interface WantedTopic {
  readonly topic: string;
  readonly partitions: number;
}

/**
 * One topic per category of streams, all with the same number of partitions: what has one key is in the partition of one number in
 * all of them.
 * @throws {BusError} `BUS_TOPIC_UNSUITABLE`, `BUS_RIGHTS_MISSING`
 */
export const ensureCategoryTopics = async (connection: KafkaConnection): Promise<void> => {
  const { address } = connection;
  const { partitions } = address;
  await ensureTopics(
    connection,
    categories.map((category) => ({ topic: topicOf(address, category), partitions })),
  );
};

/** @throws {BusError} `BUS_TOPIC_UNSUITABLE`, `BUS_RIGHTS_MISSING` */
export const ensureLeaseTopic = async (connection: KafkaConnection): Promise<void> =>
  ensureTopics(connection, [{ topic: leaseTopic(connection.address), partitions: 1 }]);

const ensureTopics = async (connection: KafkaConnection, wanted: readonly WantedTopic[]): Promise<void> => {
  const { address } = connection;
  try {
    const found = await insist(connection, () =>
      withOwnAdmin(connection, (admin) => made(admin, address, wanted)),
    );
    for (const { topic, partitions } of wanted)
      checkPartitions(address, topic, partitions, found.get(topic) ?? 0);
  } catch (error) {
    const topics = wanted.map(({ topic }) => topic).join(', ');
    throw asBusError(address.where, error, `see or create the topics ${topics}`);
  }
};

/**
 * kafkajs asks for all topics that an admin has ever read offsets of before it creates any: on a broker that came back empty that is
 * refused, for ever. Two relays that had both had their turn waited for topics that neither of them could make.
 */
const withOwnAdmin = async <Result>(
  { kafka }: KafkaConnection,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> => {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** How many partitions each of them has, when those that were missing have been made. */
const made = async (
  admin: Admin,
  address: KafkaAddress,
  wanted: readonly WantedTopic[],
): Promise<ReadonlyMap<string, number>> => {
  const there = new Set(await admin.listTopics());
  await create(
    admin,
    address,
    wanted.filter(({ topic }) => !there.has(topic)),
  );
  return partitionsOf(admin, wanted);
};

const create = async (
  admin: Admin,
  address: KafkaAddress,
  missing: readonly WantedTopic[],
): Promise<void> => {
  if (missing.length === 0) return;
  // Another process that starts in the same moment may create them too: that is no error to kafkajs.
  await admin.createTopics({
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: address.replicas ?? -1,
      configEntries: [
        // A group that was away for long goes on where it was.
        { name: 'retention.ms', value: '-1' },
        { name: 'retention.bytes', value: '-1' },
        { name: 'max.message.bytes', value: String(mostBytes) },
      ],
    })),
  });
};

/**
 * As long as a process waits for Kafka itself: with fourteen processes that started beside it on two busy cores, a broker took more
 * than 15 s for the files of the hundred partitions, and a relay gave up.
 */
const appearWithinMs = 60_000;
const pauses = { backoffMs: 20, maxBackoffMs: 500 };

/**
 * A broker hears of a topic only a moment after the controller has made it. Until then everything is looked at again, so that a
 * topic that was not made after all is made.
 */
const insist = async <Result>({ clock }: KafkaConnection, work: () => Promise<Result>): Promise<Result> => {
  const deadline = clock.now() + appearWithinMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isNotYetThere(error) || clock.now() > deadline) throw error;
      await clock.sleep(backoffAfter(pauses, failures));
    }
  }
};

const partitionsOf = async (
  admin: Admin,
  wanted: readonly WantedTopic[],
): Promise<ReadonlyMap<string, number>> => {
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
};

const checkPartitions = (address: KafkaAddress, topic: string, wanted: number, found: number): void => {
  if (found === wanted) return;
  throw new BusError(
    'BUS_TOPIC_UNSUITABLE',
    `The topic ${topic} of Apache Kafka at ${address.where} has ${found} partitions; it has to have ${wanted}.`,
    {
      advice: `The order of a run's events needs the same number in all topics: say ?partitions=${found} if all have as many, or begin with another ?prefix=.`,
    },
  );
};
