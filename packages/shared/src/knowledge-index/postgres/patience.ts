import { type Backoff, backoffAfter, type Clock, type Logger } from '../../runtime/index.ts';
import { asKnowledgeError, isPassing } from './errors.ts';

export interface PatienceOptions {
  readonly where: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Does it again while PostgreSQL is away, `patienceMs` at the most. */
export type Patience = <Result>(work: () => Promise<Result>, patienceMs: number) => Promise<Result>;

const backoff: Backoff = { backoffMs: 50, maxBackoffMs: 1_000 };

/**
 * One line says that it is waited for, one that it is back, however many wait.
 * @throws {KnowledgeError} what no waiting heals at once; `KNOWLEDGE_UNREACHABLE` and its like when it took too long
 */
export const patience = ({ where, clock, logger }: PatienceOptions): Patience => {
  let isAway = false;

  const afterSuccess = (): void => {
    if (isAway) logger.info({ postgres: where }, 'PostgreSQL is back');
    isAway = false;
  };

  const afterFailure = (caught: unknown, deadline: number): void => {
    const error = asKnowledgeError(where, caught);
    if (!isPassing(error) || clock.now() >= deadline) throw error;
    if (!isAway)
      logger.warn({ postgres: where, reason: error.message }, `waiting for PostgreSQL at ${where}`);
    isAway = true;
  };

  return async (work, patienceMs) => {
    const deadline = clock.now() + patienceMs;
    for (let failures = 1; ; failures += 1) {
      try {
        const result = await work();
        afterSuccess();
        return result;
      } catch (error) {
        afterFailure(error, deadline);
      }
      await clock.sleep(Math.min(backoffAfter(backoff, failures), Math.max(0, deadline - clock.now())));
    }
  };
};
