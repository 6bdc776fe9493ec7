import { Redis, type RedisOptions } from 'ioredis';
import type { Clock, Logger } from '../../runtime/index.ts';
import { QueueError, refusal, unreachable } from './errors.ts';
import type { RedisAddress } from './redis-url.ts';

/** Reconnects without end, soon at first, then once a second. In ms. */
const reconnectAfter = (times: number): number => Math.min(1_000, 50 * times);

export type RedisConnection = Redis;

/** Without any answer for so long, a connection is as good as lost and made anew. Workers ask for 10 s at most. In ms. */
const silentFor = 20_000;

/**
 * A connection that is not opened yet.
 * @param answerWithinMs after that a command fails; null: it waits for Redis to come back, however long
 */
export const redisConnection = (address: RedisAddress, answerWithinMs: number | null): RedisConnection => {
  const options: RedisOptions & { replyMapping: 'legacy' } = {
    replyMapping: 'legacy',
    lazyConnect: true,
    retryStrategy: reconnectAfter,
    // Some 20 s without a connection for whoever enqueues: long enough for a restart, and then it is told.
    maxRetriesPerRequest: answerWithinMs === null ? null : 30,
    ...(answerWithinMs === null ? {} : { commandTimeout: answerWithinMs }),
    socketTimeout: silentFor,
    connectTimeout: 5_000,
    enableReadyCheck: true,
  };
  return new Redis(address.url, options);
};

export interface WaitOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long Redis may take to be there, in ms. */
  readonly startTimeoutMs: number;
}

/**
 * Opens the connection, waiting for Redis as long as allowed; one line says that it waits.
 * @throws {QueueError} `QUEUE_UNREACHABLE`; at once for what waiting does not heal
 */
export const connected = async (
  connection: RedisConnection,
  { address, clock, logger, startTimeoutMs }: WaitOptions,
): Promise<void> => {
  const enough = new AbortController();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  let last: unknown = new Error('no answer');
  let said = false;
  const onError = (error: unknown) => {
    last = error;
    const refused = refusal(address.where, error);
    if (refused) reject(refused);
    else if (!said) logger.info({ redis: address.where }, `waiting for Redis at ${address.where}`);
    said = true;
  };
  const isReady = Promise.withResolvers<void>();
  connection.on('error', onError);
  connection.on('ready', isReady.resolve);
  // Its failure is told as an event too; what counts is when it is ready at last.
  connection.connect().catch(() => {});
  const tooLate = clock.sleep(startTimeoutMs, enough.signal).then(
    () => reject(unreachable(address.where, last)),
    () => {},
  );
  try {
    await Promise.race([isReady.promise, failed]);
  } catch (error) {
    connection.disconnect();
    throw error;
  } finally {
    enough.abort();
    connection.off('error', onError);
    connection.off('ready', isReady.resolve);
    await tooLate;
  }
};

/** Says once that Redis is gone, and once that it is back. */
export const watched = (connection: RedisConnection, { where }: RedisAddress, logger: Logger): void => {
  let gone = false;
  connection.on('error', (error: unknown) => {
    if (!gone) logger.warn({ redis: where, error }, 'lost the connection to Redis; trying again');
    gone = true;
  });
  connection.on('ready', () => {
    if (gone) logger.info({ redis: where }, 'Redis is back');
    gone = false;
  });
};

/** The oldest that BullMQ recommends. */
const oldest = [6, 2] as const;

/**
 * Refuses a Redis that would lose jobs.
 * @throws {QueueError} `QUEUE_VERSION_UNSUPPORTED`, `QUEUE_EVICTS`
 */
export const checkRedis = (where: string, information: string): void => {
  const facts = new Map(
    information.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const version = facts.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > oldest[0] || (major === oldest[0] && minor >= oldest[1])))
    throw new QueueError(
      'QUEUE_VERSION_UNSUPPORTED',
      `Redis at ${where} is version ${version}; the job queue needs ${oldest.join('.')} or newer.`,
      { advice: 'Upgrade Redis (or use Valkey), or point PARTITURA_QUEUE_URL to a newer one.' },
    );
  const policy = facts.get('maxmemory_policy') ?? 'unknown';
  if (policy !== 'noeviction')
    throw new QueueError(
      'QUEUE_EVICTS',
      `Redis at ${where} has the maxmemory-policy ${policy}: when memory runs short it would throw jobs away.`,
      {
        advice:
          'Set `maxmemory-policy noeviction` in redis.conf (or CONFIG SET it), and give caches a Redis of their own.',
      },
    );
};
