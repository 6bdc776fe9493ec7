import { type Clock, type Logger, PartituraError, silentLogger } from '../runtime/index.ts';
import { type InProcessQueue, inProcessQueue } from './in-process-queue.ts';
import type { Job, JobQueue, WorkerOptions } from './port.ts';

export interface InProcessJobQueueOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
}

/**
 * Queues in this process. A job is handed out in the same turn in which it and a free worker meet; nothing polls. Nothing is
 * stored: after a restart, whoever enqueued does so again from the log.
 *
 * A hold is never lost to a clock here. The worker lives in the event loop of the queue: when that blocks, nobody else could
 * have taken the job meanwhile, and to hand it out again afterwards would only do it twice. (A laptop that slept for an hour
 * would otherwise wake up to every job running twice.) So `lockMs` has no meaning here, and a job is taken over in one case
 * only: its worker was closed without being waited for.
 */
export const inProcessJobQueue = ({ clock, logger = silentLogger }: InProcessJobQueueOptions): JobQueue => {
  const queues = new Map<string, InProcessQueue>();
  let closed = false;

  const queueOf = (name: string): InProcessQueue => {
    if (closed)
      throw new PartituraError('QUEUE_CLOSED', `Queue ${name} is closed.`, {
        advice: 'What was to be enqueued is in the log; it is enqueued again at the next start.',
      });
    const known = queues.get(name);
    if (known) return known;
    const created = inProcessQueue(name, clock, logger);
    queues.set(name, created);
    return created;
  };

  return {
    enqueue: async (queue, jobs) => {
      jobs.forEach(checkJob);
      queueOf(queue).enqueue(jobs);
    },
    remove: async (queue, id) => queueOf(queue).remove(id),
    work: async <Payload>(options: WorkerOptions<Payload>) => {
      checkCount('concurrency', options.concurrency);
      checkCount('retry.maxDeliveries', options.retry.maxDeliveries);
      return queueOf(options.queue).work(options as WorkerOptions<unknown>);
    },
    counts: async (queue) => queueOf(queue).counts(),
    close: async () => {
      closed = true;
      for (const queue of queues.values()) queue.close();
      queues.clear();
    },
  };
};

const checkCount = (what: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`A worker's ${what} is a whole number from 1, not ${value}.`);
};

const checkJob = ({ id, priority = 0, delayMs = 0 }: Job): void => {
  if (id === '') throw new RangeError('A job needs an id.');
  if (!Number.isInteger(priority) || priority < 0)
    throw new RangeError(`Job ${id}: a priority is a whole number from 0, not ${priority}.`);
  if (!(delayMs >= 0)) throw new RangeError(`Job ${id}: a delay is 0 ms or more, not ${delayMs}.`);
};
