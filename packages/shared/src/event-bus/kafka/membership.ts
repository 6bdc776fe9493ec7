import type { Consumer, EachBatchPayload } from 'kafkajs';
import { backoffAfter } from '../../runtime/backoff.ts';
import { asBusError } from './errors.ts';
import type { GroupOptions } from './group-options.ts';
import { laneAssigner } from './lane-assigner.ts';

export type MembershipOptions = Pick<
  GroupOptions,
  'connection' | 'groupId' | 'topics' | 'clock' | 'logger' | 'times'
> & {
  /** Partitions of each topic. */
  readonly lanes: number;
  /** Makes the topics that are not there. A broker that comes back may have lost them; nobody joins a group of what is not there. */
  readonly ensureTopics: () => Promise<void>;
};

export interface MembershipEvents {
  /** The lanes this member has. */
  readonly held: () => readonly number[];
  /** Before it may be given other lanes. */
  readonly beforeJoin: () => Promise<void>;
  /** It is given lanes. */
  readonly onJoin: (consumer: Consumer, partitions: ReadonlyMap<string, readonly number[]>) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** It fetched, so it may read. */
  readonly onFetch: () => void;
  /** It is no member any more, and joins again after a pause. */
  readonly onLoss: (error: Error) => void;
}

/** Longer than any answer may take, that of a rebalance included. */
const longestSilenceMs = 60_000;

const pauses = { backoffMs: 100, maxBackoffMs: 2_000 };

/**
 * A member of a consumer group for as long as the signal does not abort. kafkajs gives a consumer up at errors of many kinds (no
 * broker there, a coordinator that moved in the wrong moment): it is thrown away and a new one made, always, after a pause.
 * Resolves when the member has left.
 */
export const membership = async (
  options: MembershipOptions,
  events: MembershipEvents,
  signal: AbortSignal,
): Promise<void> => {
  const { clock } = options;
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  for (let failures = 0; !signal.aborted; failures += 1) {
    let joined = false;
    const onFetch = () => {
      joined = true;
      events.onFetch();
    };
    const consumer = consumerOf(options, events, onFetch);
    const crashed = crashOf(consumer);
    const over = new AbortController();
    const error = await Promise.race([
      silence(consumer, options, over.signal),
      start(consumer, options, events, failures > 0).then(() => crashed, asError),
      stopped,
    ]);
    if (error !== null) events.onLoss(asBusError(options.connection.address.where, error, doing(options)));
    over.abort();
    await discard(consumer, options);
    if (error === null) return;
    if (joined) failures = 0;
    await clock.sleep(backoffAfter(pauses, failures + 1), signal).catch(() => {});
  }
};

const doing = ({ groupId, topics }: MembershipOptions): string =>
  `read the topics ${topics.join(', ')} as the group ${groupId}`;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const consumerOf = (options: MembershipOptions, events: MembershipEvents, onFetch: () => void): Consumer => {
  const { connection, groupId, times } = options;
  const heartbeatMs = Math.ceil(times.sessionMs / 5);
  const consumer = connection.kafka.consumer({
    groupId,
    sessionTimeout: times.sessionMs,
    rebalanceTimeout: times.handoverMs + times.sessionMs,
    heartbeatInterval: heartbeatMs,
    // An answer comes as soon as there is something. This is how long a stop, or lanes taken up again, wait at the most.
    maxWaitTimeInMs: Math.min(250, heartbeatMs),
    minBytes: 1,
    maxBytes: 8 * 1_048_576,
    maxBytesPerPartition: 262_144,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      laneAssigner({
        lanes: options.lanes,
        held: events.held,
        beforeJoin: events.beforeJoin,
      }),
    ],
    // Never restarts itself: see above.
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    events.onJoin(consumer, new Map(Object.entries(payload.memberAssignment)));
  });
  consumer.on(consumer.events.FETCH, onFetch);
  return consumer;
};

const crashOf = (consumer: Consumer): Promise<Error> =>
  new Promise((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
  });

/** kafkajs tells of a crash only when it has left the group, and can wait long for that: resolves when it was silent for too long. */
const silence = async (
  consumer: Consumer,
  { clock }: MembershipOptions,
  signal: AbortSignal,
): Promise<Error> => {
  let heard = clock.now();
  consumer.on(consumer.events.FETCH, () => {
    heard = clock.now();
  });
  while (!signal.aborted && clock.now() - heard < longestSilenceMs)
    await clock.sleep(longestSilenceMs / 10, signal).catch(() => {});
  return new Error('nothing was heard from it for a minute');
};

const start = async (
  consumer: Consumer,
  { topics, ensureTopics }: MembershipOptions,
  events: MembershipEvents,
  isAgain: boolean,
): Promise<void> => {
  if (isAgain) await ensureTopics();
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    // A batch only has to be put into its lane.
    partitionsConsumedConcurrently: 1,
    eachBatch: events.onBatch,
  });
};

/** Leaves the group, so that its lanes move at once; when that cannot be said to Kafka, they move when the session is over. */
const discard = async (
  consumer: Consumer,
  { clock, logger, times, groupId }: MembershipOptions,
): Promise<void> => {
  const enough = new AbortController();
  const left = consumer.disconnect().catch((error: unknown) => {
    logger.debug({ group: groupId, error }, 'the consumer did not leave its group');
  });
  await Promise.race([left, clock.sleep(times.stopMs, enough.signal).catch(() => {})]);
  enough.abort();
};
