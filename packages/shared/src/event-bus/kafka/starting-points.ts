import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from 'kafkajs';
import { beginning, type Position } from '../../events/index.ts';
import { backoffAfter } from '../../runtime/backoff.ts';
import { type StoredProgress, storedProgress, topicEnds } from './checkpoints.ts';
import { offsetOf } from './committing.ts';
import type { GroupOptions } from './group-options.ts';

/** Where a member reads on. */
export interface StartingPoint {
  readonly topic: string;
  readonly lane: number;
  readonly offset: bigint;
  /** Up to it all of this topic's part of the lane is handled, or of no concern. */
  readonly position: Position;
}

const pauses = { backoffMs: 50, maxBackoffMs: 1_000 };

/** Tries until Kafka and the store say it, or the signal aborts: then nothing. */
export const startingPoints = async (
  options: GroupOptions,
  partitions: ReadonlyMap<string, readonly number[]>,
  consumer: Consumer,
  signal: AbortSignal,
): Promise<readonly StartingPoint[]> => {
  const { clock, logger, groupId } = options;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await find(options, partitions, consumer);
    } catch (error) {
      if (failures === 1)
        logger.warn({ group: groupId, error }, 'where the group is cannot be found out yet');
      await clock.sleep(backoffAfter(pauses, failures), signal).catch(() => {});
    }
  }
  return [];
};

const find = async (
  options: GroupOptions,
  partitions: ReadonlyMap<string, readonly number[]>,
  consumer: Consumer,
): Promise<readonly StartingPoint[]> => {
  const { connection, groupId, topics } = options;
  if (partitions.size === 0) return [];
  const all = await storedProgress(connection.admin, groupId, topics);
  const mine = all.filter(({ topic, lane }) => partitions.get(topic)?.includes(lane));
  const [known, unknown] = [mine.flatMap(asPoint), mine.filter(({ offset }) => offset === null)];
  return unknown.length === 0 ? known : [...known, ...(await begin(options, unknown, consumer))];
};

const asPoint = ({ topic, lane, offset, position }: StoredProgress): readonly StartingPoint[] =>
  offset === null ? [] : [{ topic, lane, offset, position }];

/**
 * A new group. "Now" is fixed at once and for all its lives: as offsets, and as a position in the log, because Kafka may not have
 * yet what the log already has. The ends of the topics are asked for first, so that all that is not behind them is after them.
 */
const begin = async (
  { connection, subscription, store, topics }: GroupOptions,
  unknown: readonly StoredProgress[],
  consumer: Consumer,
): Promise<readonly StartingPoint[]> => {
  const endOf = await topicEnds(connection.admin, topics);
  if (subscription.startFrom === 'beginning')
    return unknown.map(({ topic, lane }) => ({
      topic,
      lane,
      offset: endOf(topic, lane).low,
      position: beginning,
    }));
  const position = await store.head();
  const points = unknown.map(({ topic, lane }) => ({
    topic,
    lane,
    offset: endOf(topic, lane).high,
    position,
  }));
  await consumer.commitOffsets(points.map(offsetOf));
  for (const { topic, lane, offset } of points)
    consumer.seek({ topic, partition: lane, offset: String(offset) });
  return points;
};

/** Resolves when the whole group has its place, the lanes of other members included: from then on nothing passes it by. */
export const groupStands = async (
  { connection, groupId, topics }: GroupOptions,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const stored = await storedProgress(connection.admin, groupId, topics);
    if (stored.every(({ offset }) => offset !== null)) return;
    await sleep(20);
  }
};
