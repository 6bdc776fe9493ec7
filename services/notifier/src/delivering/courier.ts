import type { JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import type { ReadModels } from '@partitura/shared/read-models';
import type { Clock, Component, HealthCheck, Logger } from '@partitura/shared/runtime';
import { laneDocuments } from '../records/documents.ts';
import type { RecordKeeper } from '../records/record-keeper.ts';
import type { LaneRunner } from './lane-runner.ts';

export const laneQueue = 'webhook-lanes';

/** Most of them wait for consumers, or for their turn at one: that costs little. What one consumer may hold up has its own limit. */
const concurrency = 2_000;
/** A killed notifier's lane is with another one after this long. */
const lockMs = 30_000;
const retry = { maxDeliveries: 3, backoffMs: 1_000, maxBackoffMs: 10_000 };

const lanesPerSweep = 500;

export interface CourierOptions {
  readonly queue: JobQueue;
  readonly readModels: ReadModels;
  readonly records: RecordKeeper;
  readonly lanes: LaneRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How soon what is due is offered that nobody was told of: its pause is over, the queue was lost, or it came as its lane was left. */
  readonly lookEveryMs: number;
}

export interface Courier extends Component {
  readonly health: HealthCheck;
}

/**
 * Offers lanes in which something is due, and sends what waits in those it gets. A lane is one job, named by the lane: of any number
 * of notifiers one has it. The job says only where to look; what is due stands in the documents, and what is done in the log, so a
 * queue that is lost costs a few seconds.
 */
export const courier = (options: CourierOptions): Courier => {
  const { queue, readModels, records, lanes, clock, logger, lookEveryMs } = options;
  let worker: RunningWorker | null = null;
  const stopping = new AbortController();
  let sweeping: Promise<void> = Promise.resolve();
  let trouble: unknown = null;
  /** Why the last lane that was given up could not be worked on; null again when one could. */
  let unable: unknown = null;

  const offer = async (laneIds: readonly string[]): Promise<void> => {
    if (laneIds.length === 0 || stopping.signal.aborted) return;
    await queue.enqueue(
      laneQueue,
      laneIds.map((id) => ({ id, payload: null })),
    );
  };

  const dueOf = async (webhookId: string): Promise<readonly string[]> => {
    const { items } = await readModels.find(laneDocuments, {
      where: { webhookId },
      sort: { field: 'dueAt', direction: 'ascending' },
      between: { from: '0', to: new Date(clock.now()).toISOString() },
      limit: lanesPerSweep,
    });
    return items.map(({ id }) => id);
  };

  const sweep = async (): Promise<void> => {
    if (!records.isCaughtUp()) return;
    for (const { id, disabled } of records.webhooks().values())
      if (disabled === null) await offer(await dueOf(id));
  };

  const sweepAgainAndAgain = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await sweep();
        trouble = null;
      } catch (error) {
        trouble = error;
        logger.warn({ error }, 'what is due to webhooks could not be looked for; it is, next time');
      }
      await clock.sleep(lookEveryMs, stopping.signal).catch(() => undefined);
    }
  };

  /** That it could not be offered costs the time until the next sweep. */
  const offerNew = (laneIds: readonly string[]): Promise<void> =>
    records.isCaughtUp()
      ? offer(laneIds).catch((error: unknown) => logger.warn({ error }, 'lanes could not be offered'))
      : Promise.resolve();

  return {
    name: 'notifier.courier',
    start: async () => {
      worker = await queue.work({
        queue: laneQueue,
        concurrency,
        lockMs,
        retry,
        handle: async ({ id, signal }) => {
          await lanes.run(id, signal);
          unable = null;
        },
        onGivenUp: ({ id }, error) => {
          unable = error;
          logger.error({ error, lane: id }, 'a webhook’s lane could not be worked on; it is offered again');
        },
      });
      records.onDue(offerNew);
      sweeping = sweepAgainAndAgain();
    },
    stop: async (graceMs) => {
      stopping.abort();
      await sweeping;
      await worker?.close(graceMs);
      worker = null;
    },
    health: {
      name: 'notifier.courier',
      check: async () => {
        if (trouble !== null) return `what is due cannot be looked for: ${messageOf(trouble)}`;
        return unable === null ? null : `what is due cannot be sent: ${messageOf(unable)}`;
      },
    },
  };
};

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
