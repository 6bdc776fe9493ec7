import kafkajs, { type Producer, type TopicMessages } from 'kafkajs';
import { parseStreamName, type RecordedEvent } from '../../events/index.ts';
import { backoffAfter } from '../../runtime/backoff.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { KafkaConnection } from './connection.ts';
import { asBusError } from './errors.ts';
import { type EventMessage, eventMessage } from './messages.ts';
import { topicOf } from './topics.ts';

export interface Publisher {
  /**
   * Resolves when all replicas in sync have the events. Tries until then, or until the signal aborts: it rejects with its reason.
   */
  publish(
    events: readonly RecordedEvent[],
    signal: AbortSignal,
    onTrouble: (error: unknown) => void,
    /** Resolves when it may be tried again. */
    afterTrouble?: () => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pauses = { backoffMs: 50, maxBackoffMs: 2_000 };

/** Of one request. An event that is larger goes alone. */
const mostBytes = 768 * 1_024;

/**
 * An idempotent producer. One request is answered before the next is made, so that a partition never has an event without the
 * one before it, whatever fails: what is sent again after a failure is there twice at worst.
 * @throws {BusError} `BUS_RIGHTS_MISSING`, `BUS_UNREACHABLE`
 */
export const openPublisher = async (options: PublisherOptions): Promise<Publisher> => {
  const { connection, clock, logger } = options;
  const { address } = connection;
  let producer: Producer | null = await connectedProducer(connection);

  /** What became of its sequence numbers is not known after a failure: the next request has a new producer. */
  const discard = async (): Promise<void> => {
    const old = producer;
    producer = null;
    await old
      ?.disconnect()
      .catch((error: unknown) => logger.debug({ error }, 'a producer did not disconnect'));
  };

  const send = async (topicMessages: TopicMessages[]): Promise<void> => {
    try {
      producer ??= await connectedProducer(connection);
      await producer.sendBatch({ acks: -1, topicMessages });
    } catch (error) {
      await discard();
      const topics = topicMessages.map(({ topic }) => topic).join(', ');
      throw asBusError(address.where, error, `write to the topics ${topics}`);
    }
  };

  return {
    publish: async (events, signal, onTrouble, afterTrouble) => {
      for (const part of inParts(events.map((event) => ({ event, message: eventMessage(event) })))) {
        const topicMessages = byTopic(part, (event) =>
          topicOf(address, parseStreamName(event.stream).category),
        );
        for (let failures = 1; ; failures += 1) {
          signal.throwIfAborted();
          try {
            await send(topicMessages);
            break;
          } catch (error) {
            onTrouble(error);
            await clock.sleep(backoffAfter(pauses, failures), signal);
            await afterTrouble?.();
          }
        }
      }
    },
    close: discard,
  };
};

const connectedProducer = async ({ address, kafka }: KafkaConnection): Promise<Producer> => {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // By the key's murmur2 hash, as all clients of Kafka do it.
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    await producer.disconnect();
    throw asBusError(address.where, error, 'write idempotently');
  }
};

interface Outgoing {
  readonly event: RecordedEvent;
  readonly message: EventMessage;
}

const inParts = (outgoing: readonly Outgoing[]): readonly (readonly Outgoing[])[] => {
  const parts: Outgoing[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of outgoing) {
    const size = Buffer.byteLength(one.message.value) + 1_024;
    if (bytes + size > mostBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(one);
    bytes += size;
  }
  return parts;
};

const byTopic = (part: readonly Outgoing[], topic: (event: RecordedEvent) => string): TopicMessages[] =>
  [...Map.groupBy(part, ({ event }) => topic(event))].map(([name, outgoing]) => ({
    topic: name,
    messages: outgoing.map(({ message }) => message),
  }));
