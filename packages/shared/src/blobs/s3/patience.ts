import { backoffAfter, type Clock, type Logger } from '../../runtime/index.ts';
import { BlobError } from '../errors.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For people: no credentials. */
  readonly where: string;
  /** How long the server may be away. */
  readonly patienceMs: number;
  /** Ends all pauses, and what is tried then is tried for the last time. */
  readonly signal: AbortSignal;
}

export const pauses = { backoffMs: 50, maxBackoffMs: 1_000 };

/** Does it again while the server is away, as long as the patience lasts. */
export const patiently = ({ clock, logger, where, patienceMs, signal }: PatienceOptions) => {
  const pause = async (failures: number): Promise<void> => {
    if (failures === 1) logger.warn({ blobs: where }, 'the blob store does not answer; trying again');
    await clock.sleep(backoffAfter(pauses, failures), signal).catch(() => undefined);
  };

  return async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const deadline = clock.now() + patienceMs;
    for (let failures = 1; ; failures += 1) {
      try {
        return await ask();
      } catch (error) {
        const isOver = signal.aborted || clock.now() >= deadline;
        if (isOver || !isAway(error)) throw error;
      }
      await pause(failures);
    }
  };
};

const isAway = (error: unknown): boolean =>
  error instanceof BlobError && error.code === 'BLOB_STORE_UNREACHABLE';
