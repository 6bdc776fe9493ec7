import { Queue } from 'bullmq';
import { silentLogger } from '../../runtime/index.ts';
import { checkJob, checkWorker, defaultPriority, queueClosed } from '../checks.ts';
import type { Job, JobQueue, RunningWorker, WorkerOptions } from '../port.ts';
import { asQueueError } from './errors.ts';
import { type JobData, jobKey, queueKey } from './job-key.ts';
import type { BullmqJobQueueOptions } from './options.ts';
import { type QueueScripts, queueScripts } from './queue-scripts.ts';
import { type QueueWorker, queueWorker } from './queue-worker.ts';
import { checkRedis, connected, redisConnection, watched } from './redis-connection.ts';
import { redisAddress } from './redis-url.ts';
import { removalNotices } from './removal-notices.ts';

/** One named queue, as seen from this process. */
interface Line {
  readonly queue: Queue<JobData>;
  readonly scripts: QueueScripts;
  readonly channel: string;
  readonly workers: Set<QueueWorker>;
}

/** In one round trip. */
const mostAtOnce = 5_000;

/** BullMQ's last. */
const leastUrgent = 2 ** 21;

const defaultStartTimeoutMs = 60_000;
const defaultAnswerWithinMs = 30_000;

export const connectJobQueue = async ({
  url,
  clock,
  logger = silentLogger,
  startTimeoutMs = defaultStartTimeoutMs,
  answerWithinMs = defaultAnswerWithinMs,
  prefix = 'partitura',
}: BullmqJobQueueOptions): Promise<JobQueue> => {
  const address = redisAddress(url);
  const { where, database } = address;
  const open = { address, clock, logger, startTimeoutMs };
  const commands = redisConnection(address, answerWithinMs);
  /** A worker's commands wait for Redis, however long: it has nothing better to do. */
  const working = redisConnection(address, null);
  const lines = new Map<string, Line>();
  let closed = false;

  const started = async (): Promise<void> => {
    await connected(commands, open);
    watched(commands, address, logger);
    checkRedis(where, await commands.info());
    working.on('error', () => {});
    await connected(working, open);
  };

  const notices = removalNotices(working, (channel, key) => {
    const line = [...lines.values()].find((each) => each.channel === channel);
    for (const worker of line?.workers ?? [])
      worker.lookAfter(key).catch((error: unknown) => logger.debug({ error }, 'a removal went unnoticed'));
  });

  const lineOf = (name: string): Line => {
    if (closed) throw queueClosed(name);
    const known = lines.get(name);
    if (known) return known;
    const key = queueKey(name);
    const channel = `${prefix}:${database}:${key}:removed`;
    const queue = new Queue<JobData>(key, {
      connection: commands,
      prefix,
      skipWaitingForReady: true,
      streams: { events: { maxLen: 100 } },
    });
    // The connection's own listener has said it.
    queue.on('error', () => {});
    const created: Line = {
      queue,
      scripts: queueScripts(commands, `${prefix}:${key}:`, channel),
      channel,
      workers: new Set(),
    };
    lines.set(name, created);
    return created;
  };

  const asking = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask();
    } catch (error) {
      throw asQueueError(where, error);
    }
  };

  /** Both commands are on their way before the first is answered. */
  const add = async ({ queue, scripts }: Line, jobs: readonly Job[]): Promise<void> => {
    const [removed] = await Promise.all([
      scripts.removedOf(jobs.map(({ id }) => jobKey(id))),
      queue.addBulk(jobs.map(bullJob)),
    ]);
    const windingDown = new Set(removed);
    for (const job of jobs) {
      const key = jobKey(job.id);
      // Ended meanwhile: then its place is free.
      if (windingDown.has(key) && !(await scripts.park(key, parked(job))))
        await queue.addBulk([bullJob(job)]);
    }
  };

  const startWorker = async (line: Line, options: WorkerOptions<unknown>): Promise<RunningWorker> => {
    await notices.listenTo(line.channel);
    const worker = await queueWorker({
      worker: options,
      name: line.queue.name,
      prefix,
      connection: working,
      scripts: queueScripts(working, `${prefix}:${line.queue.name}:`, line.channel),
      clock,
      logger,
    });
    line.workers.add(worker);
    return {
      close: async (graceMs) => {
        await worker.close(graceMs);
        line.workers.delete(worker);
      },
    };
  };

  try {
    await started();
  } catch (error) {
    commands.disconnect();
    working.disconnect();
    throw asQueueError(where, error);
  }

  return {
    enqueue: async (name, jobs) => {
      jobs.forEach(checkJob);
      const line = lineOf(name);
      for (let from = 0; from < jobs.length; from += mostAtOnce)
        await asking(() => add(line, jobs.slice(from, from + mostAtOnce)));
    },
    remove: async (name, id) => {
      const { scripts, workers } = lineOf(name);
      const key = jobKey(id);
      const found = await asking(() => scripts.remove(key));
      // Other processes are told by Redis; here it is known when this promise resolves.
      if (found === 'at work')
        await asking(() => Promise.all([...workers].map((worker) => worker.lookAfter(key))));
    },
    work: async <Payload>(options: WorkerOptions<Payload>) => {
      checkWorker(options);
      return asking(() => startWorker(lineOf(options.queue), options as WorkerOptions<unknown>));
    },
    counts: async (name) => {
      const { queue } = lineOf(name);
      const counts = await asking(() => queue.getJobCounts('wait', 'prioritized', 'delayed', 'active'));
      const of = (state: string): number => counts[state] ?? 0;
      return { waiting: of('wait') + of('prioritized'), delayed: of('delayed'), active: of('active') };
    },
    close: async () => {
      closed = true;
      const all = [...lines.values()];
      await Promise.all(all.flatMap(({ workers }) => [...workers].map((worker) => worker.close(0))));
      notices.close();
      working.disconnect();
      commands.disconnect();
      await Promise.all(all.map(({ queue }) => queue.close().catch(() => {})));
    },
  };
};

const dataOf = ({ id, payload }: Job): JobData => ({ id, payload });
const priorityOf = ({ priority = defaultPriority }: Job): number => Math.min(priority, leastUrgent);
const delayOf = ({ delayMs = 0 }: Job): number => Math.ceil(delayMs);

const parked = (job: Job) => ({
  data: JSON.stringify(dataOf(job)),
  priority: priorityOf(job),
  delay: delayOf(job),
});

const bullJob = (job: Job) => ({
  name: 'job',
  data: dataOf(job),
  opts: {
    jobId: jobKey(job.id),
    priority: priorityOf(job),
    delay: delayOf(job),
    // How often it is tried is the worker's to say, see its back-off strategy.
    attempts: Number.MAX_SAFE_INTEGER,
    backoff: { type: 'worker' },
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
  },
});
