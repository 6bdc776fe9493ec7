import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Position } from '../../events/index.ts';
import { type Assignment, assignment } from './assignment.ts';
import { topicEnds } from './checkpoints.ts';
import { committing, offsetOf } from './committing.ts';
import { isFenced } from './errors.ts';
import type { GroupOptions } from './group-options.ts';
import { insistently, wantedBy } from './handling.ts';
import type { Lane, Progress } from './lane.ts';
import { type StartingPoint, startingPoints } from './starting-points.ts';

/** What outlives a rebalance in this process. */
export interface Memory {
  /** By topic and lane: what was handled, whatever became of its commits. */
  readonly handled: Map<string, Position>;
  /** By lane. */
  readonly atWork: Map<number, Promise<void>>;
}

/** What a member does with the lanes it was given, until the next rebalance. */
export interface Session {
  readonly lanes: readonly number[];
  receive(payload: EachBatchPayload): Promise<void>;
  /** No new batch begins; one that fails is not tried again. */
  close(): void;
  /** Resolves when what is at work is handled, and stored if Kafka does that within `stopMs`. */
  settled(): Promise<void>;
  /** Nothing is stored any more. */
  giveUp(): void;
}

const defaultBatch = 256;
const keyOf = (topic: string, lane: number): string => `${topic}/${lane}`;

export const openSession = (
  options: GroupOptions,
  { handled, atWork }: Memory,
  consumer: Consumer,
  partitions: ReadonlyMap<string, readonly number[]>,
): Session => {
  const { connection, subscription, groupId, registry, clock, logger, times } = options;
  const lanes = [...new Set([...partitions.values()].flat())];
  const closing = new AbortController();
  const expected = new Map<string, bigint>();
  const oddities = new Set<string>();
  const commits = committing({
    clock,
    logger: logger.child({ group: groupId }),
    isLost: isFenced,
    commit: (progress) => consumer.commitOffsets(progress.map(offsetOf)),
  });

  /** A consumer that is over does not fetch anyway, and says so by throwing. */
  const flow = (change: () => void): void => {
    try {
      change();
    } catch (error) {
      logger.debug({ group: groupId, error }, 'the consumer is over');
    }
  };

  const onHandled = (lane: Lane, progress: readonly Progress[]): void => {
    for (const { topic, position } of progress) handled.set(keyOf(topic, lane.number), position);
    commits.add(progress);
    if (closing.signal.aborted) return;
    const free = progress.filter(({ topic }) => !lane.isFull(topic));
    flow(() => consumer.resume(free.map(({ topic }) => ({ topic, partitions: [lane.number] }))));
  };

  const assigned = (points: readonly StartingPoint[]): Assignment => {
    for (const { topic, lane, offset } of points) expected.set(keyOf(topic, lane), offset);
    flow(() => consumer.resume([...partitions.keys()].map((topic) => ({ topic }))));
    return assignment({
      lanes,
      atWork,
      onHandled,
      isWanted: wantedBy(subscription),
      batchSize: subscription.batchSize ?? defaultBatch,
      handle: insistently(subscription, registry, clock, logger),
      positionsOf: (lane) => positionsOf(lane, points, handled),
    });
  };

  const opening = startingPoints(options, partitions, consumer, closing.signal).then((points) =>
    closing.signal.aborted ? null : assigned(points),
  );

  /**
   * Whether messages begin where they should. Later: another connection of this client may have fetched them before the rebalance,
   * and what lies between would be left out; so it is fetched again from there. Unless it is not there any more.
   */
  const isNext = async (topic: string, lane: number, first: bigint): Promise<boolean> => {
    const next = expected.get(keyOf(topic, lane)) ?? first;
    if (first <= next) return true;
    const oddity = `${topic}/${lane}/${next}/${first}`;
    const { low } = (await topicEnds(connection.admin, [topic]))(topic, lane);
    if (low <= next && !oddities.has(oddity)) {
      oddities.add(oddity);
      consumer.seek({ topic, partition: lane, offset: String(next) });
      return false;
    }
    logger.error(
      { group: groupId, topic, lane, next, first },
      'Kafka has lost messages that were not handled yet',
    );
    return true;
  };

  /** What is not taken would be fetched again at once, and again. */
  const hold = (topic: string, lane: number): void =>
    flow(() => consumer.pause([{ topic, partitions: [lane] }]));

  const receive = async ({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> => {
    const current = await opening;
    const { topic, partition: number, messages } = batch;
    const [first, last] = [messages[0], messages.at(-1)];
    if (current === null) return hold(topic, number);
    if (isStale() || !first || !last) return;
    if (!(await isNext(topic, number, BigInt(first.offset)))) return;
    const lane = current.receive(number, topic, messages);
    if (lane === null) return hold(topic, number);
    expected.set(keyOf(topic, number), BigInt(last.offset) + 1n);
    resolveOffset(last.offset);
    if (lane.isFull(topic)) hold(topic, number);
  };

  return {
    lanes,
    receive,
    close: () => {
      closing.abort();
      void opening.then((current) => current?.close());
    },
    settled: async () => {
      await (await opening)?.idle();
      await commits.settled(times.stopMs);
    },
    giveUp: commits.giveUp,
  };
};

/** By topic. What this process remembers may be further than what it could store. */
const positionsOf = (
  lane: number,
  points: readonly StartingPoint[],
  handled: ReadonlyMap<string, Position>,
): ReadonlyMap<string, Position> =>
  new Map(
    points
      .filter((point) => point.lane === lane)
      .map(({ topic, position }) => {
        const remembered = handled.get(keyOf(topic, lane));
        return [topic, remembered !== undefined && remembered > position ? remembered : position];
      }),
  );
