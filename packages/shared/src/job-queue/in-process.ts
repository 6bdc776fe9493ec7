import { type Clock, type Logger, silentLogger } from '../runtime/index.ts';
import { checkJob, checkWorker, queueClosed } from './checks.ts';
import { type InProcessQueue, inProcessQueue } from './in-process-queue.ts';
import type { JobQueue, WorkerOptions } from './port.ts';

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
    if (closed) throw queueClosed(name);
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
      checkWorker(options);
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
