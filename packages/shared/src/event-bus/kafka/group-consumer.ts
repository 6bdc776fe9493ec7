import type { RunningSubscription } from '../port.ts';
import { lagOf } from './checkpoints.ts';
import { asBusError, isAway, unreachable } from './errors.ts';
import type { GroupOptions } from './group-options.ts';
import { handOver } from './handover.ts';
import { membership } from './membership.ts';
import { type Memory, openSession, type Session } from './session.ts';
import { groupStands } from './starting-points.ts';
import { ensureCategoryTopics } from './topics.ts';

/**
 * A member of a group: fetches all the time, which keeps its membership alive however long a batch takes, and hands over from what
 * it has fetched. Before a rebalance it finishes and stores what is at work, then begins with what it is given.
 * @throws {BusError} `BUS_RIGHTS_MISSING`, `BUS_UNREACHABLE`
 */
export const groupConsumer = async (options: GroupOptions): Promise<RunningSubscription> => {
  const { connection, subscription, groupId, topics, clock, logger, times } = options;
  const { address, admin } = connection;
  const memory: Memory = { handled: new Map(), atWork: new Map() };
  const leaving = new AbortController();
  const standing = Promise.withResolvers<void>();
  let stands = false;
  let away = false;
  let held: readonly number[] = [];
  let session: Session | null = null;
  let heartbeat = async (): Promise<void> => {};

  const end = (): Session | null => {
    const ended = session;
    session = null;
    ended?.close();
    return ended;
  };

  const onLoss = (error: Error): void => {
    end()?.giveUp();
    if (!stands && !isAway(error)) standing.reject(error);
    if (stands && !away) logger.warn({ group: groupId, error }, 'the group is left and joined again');
    away = true;
  };

  const onFetch = (): void => {
    if (stands && away) logger.info({ group: groupId }, 'the group is joined again');
    away = false;
    stands = true;
    standing.resolve();
  };

  const member = membership(
    {
      ...options,
      lanes: address.partitions,
      ensureTopics: () => ensureCategoryTopics(options.connection),
    },
    {
      held: () => held,
      beforeJoin: async () => {
        const ended = end();
        if (ended) await handOver(ended, options, heartbeat);
      },
      onJoin: (consumer, partitions) => {
        end();
        session = openSession(options, memory, consumer, partitions);
        held = session.lanes;
        if (stopping !== null) end();
      },
      onBatch: async (payload) => {
        heartbeat = payload.heartbeat;
        await session?.receive(payload);
      },
      onFetch,
      onLoss,
    },
    leaving.signal,
  );

  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    const ended = session;
    ended?.close();
    await Promise.all(memory.atWork.values());
    await ended?.settled();
    leaving.abort();
    await member;
  };

  const running: RunningSubscription = {
    lag: async () => {
      try {
        return await lagOf(admin, groupId, topics);
      } catch (error) {
        throw asBusError(address.where, error, `see how far the group ${groupId} is`);
      }
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };

  const started = new AbortController();
  const tooLate = clock.sleep(times.startMs, started.signal).then(
    () => standing.reject(unreachable(address.where, `the group ${groupId} cannot be joined`)),
    () => {},
  );
  try {
    await standing.promise;
    if (subscription.startFrom === 'now') await groupStands(options, leaving.signal);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    started.abort();
    await tooLate;
  }
};
