import type { JobQueue } from '../port.ts';
import type { BullmqJobQueueOptions } from './options.ts';

/**
 * Queues on Redis, shared by any number of processes. The client is loaded here, not with the port.
 * @throws {QueueError} `QUEUE_URL_INVALID`, `QUEUE_UNREACHABLE`, `QUEUE_CREDENTIALS_REFUSED`, `QUEUE_TLS_FAILED`,
 * `QUEUE_VERSION_UNSUPPORTED`, `QUEUE_EVICTS`
 */
export const openBullmqJobQueue = async (options: BullmqJobQueueOptions): Promise<JobQueue> => {
  const { connectJobQueue } = await import('./bullmq-job-queue.ts');
  return connectJobQueue(options);
};
