import { type Backoff, backoffAfter } from '../../runtime/backoff.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import { asStoreError, TransientError, unreachable } from './store-errors.ts';

export interface Patience {
  /**
   * Does it again while the server is away.
   * @throws {PartituraError} `STORE_UNREACHABLE` when that takes too long; at once what no waiting helps against
   */
  patiently<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Waits longer after each failure in a row, counted from 1. Ends early, without a word, when the signal aborts. */
  afterFailure(failures: number, signal?: AbortSignal): Promise<void>;
  /** Whether something that began then is to be given up. */
  isOverFor(since: number): boolean;
  now(): number;
}

export interface PatienceOptions {
  readonly where: string;
  readonly clock: Clock;
  readonly logger: Logger | null;
  readonly patienceMs: number;
}

const backoff: Backoff = { backoffMs: 50, maxBackoffMs: 2_000 };

export const patience = ({ where, clock, logger, patienceMs }: PatienceOptions): Patience => {
  const isOverFor = (since: number): boolean => clock.now() - since >= patienceMs;

  const afterFailure = async (failures: number, signal?: AbortSignal): Promise<void> => {
    try {
      await clock.sleep(backoffAfter(backoff, failures), signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  };

  /** Throws when it is of no use, or has been for too long. */
  const wait = async (failures: number, since: number, caught: unknown): Promise<void> => {
    const error = asStoreError(where, caught);
    if (!(error instanceof TransientError)) throw error;
    if (isOverFor(since)) throw unreachable(where, patienceMs, error);
    if (failures === 1)
      logger?.warn({ eventStore: where, reason: error.message }, 'waiting for EventStoreDB');
    await afterFailure(failures);
  };

  return {
    now: clock.now,
    isOverFor,
    afterFailure,
    patiently: async (work) => {
      const since = clock.now();
      for (let failures = 1; ; failures += 1) {
        try {
          return await work();
        } catch (error) {
          await wait(failures, since, error);
        }
      }
    },
  };
};
