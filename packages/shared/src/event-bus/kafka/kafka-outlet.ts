import type { Consumer } from 'kafkajs';
import type { Position } from '../../events/index.ts';
import { silentLogger } from '../../runtime/logging.ts';
import type { EventOutlet, RelayTurn } from '../outlet.ts';
import { storedProgress } from './checkpoints.ts';
import { committing, offsetOf } from './committing.ts';
import { connectKafka, type KafkaConnection, type KafkaOptions } from './connection.ts';
import { isFenced } from './errors.ts';
import { defaultTimes, type GroupTimes } from './group-options.ts';
import { membership } from './membership.ts';
import { openPublisher, type Publisher } from './publisher.ts';
import { ensureCategoryTopics, ensureLeaseTopic, groupId, leaseTopic } from './topics.ts';

export interface KafkaOutletOptions extends KafkaOptions {
  /** Default: a session of 6 s, which is how long a killed relay keeps its turn. */
  readonly times?: Partial<GroupTimes>;
}

/**
 * Kafka as the place a relay hands the log on to. Topics are made if they are not there.
 * @throws {BusError} `BUS_URL_INVALID`, `BUS_UNREACHABLE`, `BUS_VERSION_UNSUPPORTED`, `BUS_CREDENTIALS_REFUSED`, `BUS_TLS_FAILED`,
 * `BUS_RIGHTS_MISSING`, `BUS_TOPIC_UNSUITABLE`
 */
export const connectOutlet = async (options: KafkaOutletOptions): Promise<EventOutlet> => {
  const { clock, logger = silentLogger } = options;
  const connection = await connectKafka(options);
  try {
    await ensureAllTopics(connection);
    const publisher = await openPublisher({ connection, clock, logger });
    return {
      lead: (work, signal, onOthersTurn = () => {}) =>
        lead(connection, publisher, options, { work, onOthersTurn }, signal),
      ping: connection.ping,
      close: async () => {
        await publisher.close();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
};

const ensureAllTopics = async (connection: KafkaConnection): Promise<void> => {
  await ensureCategoryTopics(connection);
  await ensureLeaseTopic(connection);
};

interface Turn {
  /** Resolves when the work has ended and how far it came is stored. */
  readonly over: Promise<void>;
  end(): void;
}

interface Leading {
  readonly work: (turn: RelayTurn) => Promise<void>;
  readonly onOthersTurn: () => void;
}

/**
 * The turn is the one partition of a topic in which nothing ever is: a group of consumers has one holder of it, knows within the
 * session when that one is gone, and takes checkpoints from nobody else.
 *
 * A holder that was paused and does not know that it was replaced may still publish. Nothing is lost by that and nothing gets out
 * of order: see `docs/decisions/0008`.
 */
const lead = async (
  connection: KafkaConnection,
  publisher: Publisher,
  options: KafkaOutletOptions,
  { work, onOthersTurn }: Leading,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger = silentLogger } = options;
  const times = { ...defaultTimes, sessionMs: 6_000, handoverMs: 5_000, ...options.times };
  const topic = leaseTopic(connection.address);
  const group = groupId(connection.address, 'relay');
  let turn: Turn | null = null;
  /** Who had the turn before a rebalance has it after it: a relay that is started takes it from nobody. */
  let held = false;
  let away = false;
  let heard = clock.now();

  /** Who was not heard for as long as a session may have lost the turn: it asks first. */
  const holds = async (own: AbortSignal): Promise<void> => {
    while (clock.now() - heard > times.sessionMs) await clock.sleep(20, own);
  };

  /** A broker that comes back empty has forgotten the turn: what goes on there would come before what has to be sent again. */
  const holdsStill = async (own: AbortSignal): Promise<void> => {
    const since = clock.now();
    while (heard <= since) await clock.sleep(20, own);
  };

  const begin = (consumer: Consumer): Turn => {
    const ending = new AbortController();
    const commits = committing({
      clock,
      logger,
      isLost: isFenced,
      commit: (progress) => consumer.commitOffsets(progress.map(offsetOf)),
    });
    const relay = async () => {
      const [stored] = await storedProgress(connection.admin, group, [topic]);
      if (ending.signal.aborted || !stored) return;
      await work({
        after: stored.position,
        signal: ending.signal,
        publish: async (events, onTrouble) => {
          await holds(ending.signal);
          await publisher.publish(events, ending.signal, onTrouble, () => holdsStill(ending.signal));
        },
        // The offset says nothing: the topic is empty.
        moveTo: (position: Position) => commits.add([{ topic, lane: 0, offset: 0n, position }]),
      });
    };
    /** A turn that fails is taken again, until it is over. */
    const insist = async () => {
      while (!ending.signal.aborted) {
        try {
          await relay();
        } catch (error) {
          if (ending.signal.aborted) break;
          logger.warn({ error }, 'the relay was interrupted and goes on from its checkpoint');
        }
        await clock.sleep(500, ending.signal).catch(() => {});
      }
      await commits.settled(times.stopMs);
      commits.giveUp();
    };
    return { over: insist(), end: () => ending.abort() };
  };

  const end = async (): Promise<void> => {
    const ended = turn;
    turn = null;
    ended?.end();
    await ended?.over;
  };

  const ending = new AbortController();
  const member = membership(
    {
      ...{ connection, groupId: group, topics: [topic], lanes: 1, clock, logger, times },
      ensureTopics: () => ensureAllTopics(connection),
    },
    {
      held: () => (held ? [0] : []),
      beforeJoin: end,
      onJoin: (consumer, partitions) => {
        heard = clock.now();
        consumer.on(consumer.events.HEARTBEAT, () => {
          heard = clock.now();
        });
        held = partitions.get(topic)?.includes(0) === true;
        if (held && !signal.aborted) turn = begin(consumer);
        if (!held) onOthersTurn();
      },
      onBatch: async () => {},
      onFetch: () => {
        if (away) logger.info({ group }, 'the relay has joined its group again');
        away = false;
      },
      onLoss: (error) => {
        if (!away) logger.warn({ group, error }, 'the relay has lost its group and joins it again');
        away = true;
        held = false;
        turn?.end();
        turn = null;
      },
    },
    ending.signal,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await end();
  ending.abort();
  await member;
};
