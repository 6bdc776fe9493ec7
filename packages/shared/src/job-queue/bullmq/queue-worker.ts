import { type Job as BullJob, WaitingError, Worker } from 'bullmq';
import { backoffAfter, type Clock, type Logger } from '../../runtime/index.ts';
import { jobRemoved, jobTakenOver } from '../checks.ts';
import { isHandedBack } from '../handing-back.ts';
import type { Delivery, RunningWorker, WorkerOptions } from '../port.ts';
import type { JobData } from './job-key.ts';
import type { QueueScripts } from './queue-scripts.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface QueueWorkerOptions {
  readonly worker: WorkerOptions<unknown>;
  /** The queue's name within Redis. */
  readonly name: string;
  readonly prefix: string;
  readonly connection: RedisConnection;
  readonly scripts: QueueScripts;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface QueueWorker extends RunningWorker {
  /** Somebody removed or took a job: look whether it was this worker's, and abort it then. */
  lookAfter(key: string): Promise<void>;
}

/** This worker's hold on a job, as far as it knows. Redis decides: its lock names the holder. */
interface Hold {
  readonly key: string;
  readonly token: string;
  readonly started: boolean;
  readonly delivery: Delivery;
  readonly controller: AbortController;
  /** Resolves when the worker closes without waiting, or the job was taken: what the handler says does not count any more. */
  readonly left: PromiseWithResolvers<Outcome>;
  state: 'held' | 'removed' | 'lost';
  /** What the handler failed with. */
  error: unknown;
}

type Outcome = { kind: 'finished' } | { kind: 'failed'; error: unknown } | { kind: 'left' };

/** For what Redis may take to answer while a worker closes, in ms. After that locks run out by themselves. */
const lastWords = 2_000;

const defaultLockMs = 30_000;

/** A worker on BullMQ's: it fetches, renews locks, delays and finishes; what the port promises beyond that is done here. */
export const queueWorker = async (options: QueueWorkerOptions): Promise<QueueWorker> => {
  const { worker: own, scripts, clock, logger } = options;
  const lockMs = own.lockMs ?? defaultLockMs;
  /** Those at work. */
  const holds = new Map<string, Hold>();
  /** Those whose handler has ended, until Redis knows. */
  const settling = new Map<string, Hold>();
  let closing: Promise<void> | null = null;

  const take = (hold: Hold, state: 'removed' | 'lost'): void => {
    if (hold.state !== 'held') return;
    hold.state = state;
    const { id } = hold.delivery;
    hold.controller.abort(state === 'removed' ? jobRemoved(own.queue, id) : jobTakenOver(own.queue, id));
    if (state === 'lost') hold.left.resolve({ kind: 'left' });
  };

  const perform = async (job: BullJob<JobData>, token: string): Promise<void> => {
    const key = job.id ?? '';
    const lost = job.attemptsStarted - 1 - job.attemptsMade;
    const stalled = lost > lostBefore(job.progress);
    // It may have been removed while the worker before wound down, and died.
    if (stalled && (await scripts.endRemoved({ key, token }, clock.now())) !== 'kept')
      throw new WaitingError();
    // From here on nothing is awaited until the hold is known: a close in between would leave it behind.
    if (closing !== null) {
      await scripts.handBack([{ key, token, started: false }]);
      throw new WaitingError();
    }
    const hold = newHold(job, key, token, stalled);
    holds.set(key, hold);
    if (stalled) inBackground(scripts.noteLost(key, lost));
    const outcome = await Promise.race([outcomeOf(own.handle, hold.delivery), hold.left.promise]);
    if (holds.get(key) === hold) holds.delete(key);
    await conclude(hold, outcome);
  };

  const conclude = async (hold: Hold, outcome: Outcome): Promise<void> => {
    if (hold.state === 'removed') await scripts.endRemoved(hold, clock.now());
    // BullMQ's word for: this job is not the worker's any more, take the next.
    if (hold.state !== 'held' || outcome.kind === 'left') throw new WaitingError();
    if (outcome.kind === 'failed' && isHandedBack(outcome.error)) {
      await scripts.handBack([hold]);
      throw new WaitingError();
    }
    settling.set(hold.key, hold);
    if (outcome.kind === 'finished') return;
    hold.error = outcome.error;
    throw new Error(`job ${hold.delivery.id} failed`);
  };

  const lookAfter = async (key: string): Promise<void> => {
    const settled = settling.get(key);
    if (settled) await endUnnoticed(settled);
    const hold = holds.get(key);
    if (!hold || hold.state === 'lost') return;
    const state = await scripts.stateOf(hold, lockMs);
    if (state !== 'held') take(hold, state);
  };

  /** Its handler ended, but it had been removed before: BullMQ could not finish it. */
  const endUnnoticed = async (hold: Hold): Promise<void> => {
    if ((await scripts.endRemoved(hold, clock.now())) !== 'kept') settling.delete(hold.key);
  };

  const giveUp = ({ delivery, error }: Hold): void => {
    try {
      own.onGivenUp(delivery, error);
    } catch (thrown) {
      logger.error(
        { error: thrown, queue: own.queue, job: delivery.id },
        'the report of a job given up failed',
      );
    }
  };

  const settled = (key: string | undefined): Hold | undefined => {
    const hold = settling.get(key ?? '');
    settling.delete(key ?? '');
    return hold;
  };

  const inBackground = (what: Promise<unknown>): void => {
    what.catch((error: unknown) =>
      logger.debug({ error, queue: own.queue }, 'Redis did not answer a worker; it will be asked again'),
    );
  };

  const worker = new Worker<JobData>(options.name, (job, token) => perform(job, token ?? ''), {
    connection: options.connection,
    prefix: options.prefix,
    concurrency: own.concurrency,
    lockDuration: lockMs,
    stalledInterval: Math.max(lockMs / 2, 100),
    // A delivery lost with its worker is no failure, however often.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: 500,
    settings: {
      backoffStrategy: (failures) =>
        failures < own.retry.maxDeliveries ? Math.ceil(backoffAfter(own.retry, failures)) : -1,
    },
  });
  worker.on('completed', (job) => settled(job.id));
  worker.on('failed', (job, _error) => {
    const hold = settled(job?.id);
    if (hold && job?.finishedOn !== undefined) giveUp(hold);
  });
  worker.on('stalled', (key) => inBackground(lookAfter(key)));
  worker.on('lockRenewalFailed', (keys) => inBackground(Promise.all(keys.map(lookAfter))));
  worker.on('error', (error) => {
    logger.debug({ error, queue: own.queue }, 'a worker on Redis met an error');
    inBackground(Promise.all([...settling.values()].map(endUnnoticed)));
  });

  /** What is still at work goes back into the line; it was not the job's fault. */
  const handBack = async (): Promise<void> => {
    const left = [...holds.values()];
    const removed = left.filter(({ state }) => state === 'removed');
    const held = left.filter(({ state }) => state === 'held');
    for (const hold of held) take(hold, 'lost');
    await Promise.all([
      scripts.handBack(held),
      ...removed.map((hold) => scripts.endRemoved(hold, clock.now())),
    ]);
    for (const hold of removed) hold.left.resolve({ kind: 'left' });
  };

  const closeWorker = async (graceMs: number): Promise<void> => {
    const closed = worker.close();
    if (holds.size > 0 && graceMs > 0) await within(closed, graceMs);
    const said = await within(Promise.all([handBack(), closed]), lastWords);
    holds.clear();
    if (!said) await within(worker.disconnect(), lastWords);
  };

  /** Whether it was done in time. */
  const within = async (what: Promise<unknown>, ms: number): Promise<boolean> => {
    const enough = new AbortController();
    const done = what.then(
      () => true,
      (error: unknown) => {
        logger.debug({ error, queue: own.queue }, 'a closing worker could not say all to Redis');
        return false;
      },
    );
    const late = clock.sleep(ms, enough.signal).then(
      () => false,
      () => false,
    );
    const inTime = await Promise.race([done, late]);
    enough.abort();
    return inTime;
  };

  await worker.waitUntilReady();
  return {
    lookAfter,
    close: (graceMs) => {
      closing ??= closeWorker(graceMs);
      return closing;
    },
  };
};

const newHold = (job: BullJob<JobData>, key: string, token: string, stalled: boolean): Hold => {
  const controller = new AbortController();
  const delivery: Delivery = {
    id: job.data.id,
    payload: job.data.payload,
    delivery: job.attemptsStarted,
    stalled,
    signal: controller.signal,
  };
  return {
    key,
    token,
    started: true,
    delivery,
    controller,
    left: Promise.withResolvers<Outcome>(),
    state: 'held',
    error: undefined,
  };
};

/** Also for a handler that throws before it has a promise. */
const outcomeOf = async (handle: WorkerOptions<unknown>['handle'], delivery: Delivery): Promise<Outcome> => {
  try {
    await handle(delivery);
    return { kind: 'finished' };
  } catch (error) {
    return { kind: 'failed', error };
  }
};

/** How many lost deliveries the workers before knew of. */
const lostBefore = (progress: unknown): number =>
  typeof progress === 'object' && progress !== null && 'lost' in progress && typeof progress.lost === 'number'
    ? progress.lost
    : 0;
