import { type Backoff, backoffAfter, type Clock, type Logger, PartituraError } from '../runtime/index.ts';
import { isTransient } from './transient-errors.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting: what failed last is thrown. */
  readonly signal: AbortSignal;
}

const backoff: Backoff = { backoffMs: 100, maxBackoffMs: 5_000 };

/** What was closed does not come back, and whoever closed it knows. */
const isClosed = (error: unknown): boolean =>
  error instanceof PartituraError && error.code.endsWith('_CLOSED');

const isAway = (error: unknown): boolean => !isClosed(error) && isTransient(error);

export interface Patience {
  /** Does it again, with growing pauses up to 5 s, for as long as what it stands on is away. It has to be harmless when repeated. */
  patiently<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Waits after the n-th failure in a row. @throws the error when waiting is of no use, or is over */
  afterFailure(error: unknown, failures: number): Promise<void>;
}

/**
 * What to do while the store, the blobs or another engine is away: wait. Whoever works has an answer in hand that was paid for,
 * and neither a failure recorded against the work nor a second try of it would bring the engine back.
 */
export const patience = ({ clock, logger, signal }: PatienceOptions): Patience => {
  const afterFailure = async (error: unknown, failures: number): Promise<void> => {
    if (signal.aborted || !isAway(error)) throw error;
    if (failures === 1) logger.warn({ error }, 'something that the work stands on is away: it waits');
    try {
      await clock.sleep(backoffAfter(backoff, failures), signal);
    } catch (stopped) {
      throw signal.aborted ? error : stopped;
    }
  };
  return {
    afterFailure,
    patiently: async (work) => {
      for (let failures = 1; ; failures += 1) {
        try {
          return await work();
        } catch (error) {
          await afterFailure(error, failures);
        }
      }
    },
  };
};
