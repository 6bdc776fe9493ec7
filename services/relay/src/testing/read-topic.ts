import { randomUUID } from 'node:crypto';
import { beginning } from '@partitura/shared/events';
import kafkajs from 'kafkajs';

/** The `attemptId` of all that stands in a topic, in each partition's order, when there are so many different ones or more. */
export const readTopic = async (
  url: string,
  topic: string,
  different: number,
): Promise<readonly string[]> => {
  const brokers = [new URL(url.replace('kafka:', 'http:')).host];
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const labels: string[] = [];
  const seen = Promise.withResolvers<void>();
  let quiet = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(consumer.events.FETCH, () => {
    // What was sent twice may follow what was sent once: the last of it is there when nothing more comes.
    quiet += 1;
    if (quiet > 5 && new Set(labels).size >= different) seen.resolve();
  });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      quiet = 0;
      const data: unknown = JSON.parse(message.value?.toString() ?? 'null');
      labels.push(
        typeof data === 'object' && data !== null && 'attemptId' in data ? String(data.attemptId) : beginning,
      );
    },
  });
  await seen.promise;
  await consumer.disconnect();
  return labels;
};
