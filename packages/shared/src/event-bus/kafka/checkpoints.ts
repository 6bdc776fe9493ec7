import type { Admin } from 'kafkajs';
import { asPosition, beginning, type Position } from '../../events/index.ts';

/** What a group has stored of a partition. */
export interface StoredProgress {
  readonly topic: string;
  readonly lane: number;
  /** null: nothing is stored. */
  readonly offset: bigint | null;
  readonly position: Position;
}

/**
 * Where a group is. Offsets say where to read on; the position, which Kafka keeps with them as their metadata, what need not be
 * handled again. Offsets that somebody reset have none: then everything is.
 */
export const storedProgress = async (
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly StoredProgress[]> => {
  const answers = await admin.fetchOffsets({ groupId, topics: [...topics] });
  return answers.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset, metadata }) => ({
      topic,
      lane: partition,
      offset: Number(offset) < 0 ? null : BigInt(offset),
      position: metadata ? asPosition(metadata) : beginning,
    })),
  );
};

/** The ends of the topics: by topic and lane, the first offset there is and the next there will be. */
export const topicEnds = async (
  admin: Admin,
  topics: readonly string[],
): Promise<(topic: string, lane: number) => { readonly low: bigint; readonly high: bigint }> => {
  const ends = new Map<string, { readonly low: bigint; readonly high: bigint }>();
  await Promise.all(
    topics.map(async (topic) => {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        ends.set(`${topic}/${partition}`, { low: BigInt(low), high: BigInt(high) });
    }),
  );
  return (topic, lane) => ends.get(`${topic}/${lane}`) ?? { low: 0n, high: 0n };
};

/** Messages that are in the topics and not handled. */
export const lagOf = async (admin: Admin, groupId: string, topics: readonly string[]): Promise<number> => {
  // In this order: what is handled meanwhile is then counted as waiting, never as less than nothing.
  const stored = await storedProgress(admin, groupId, topics);
  const endOf = await topicEnds(admin, topics);
  let lag = 0n;
  for (const { topic, lane, offset } of stored) {
    const { low, high } = endOf(topic, lane);
    const from = offset === null || offset < low ? low : offset;
    if (high > from) lag += high - from;
  }
  return Number(lag);
};
