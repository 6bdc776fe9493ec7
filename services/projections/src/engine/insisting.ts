import { backoffAfter, type Clock, type Logger } from '@partitura/shared/runtime';

/** Work that has to be done: tried again until it works or the signal aborts. Nothing is passed over meanwhile. */
export interface Insisting {
  insist(what: string, work: () => Promise<void>): Promise<void>;
  /** What keeps it from working; null when nothing does. */
  trouble(): string | null;
}

const retry = { backoffMs: 50, maxBackoffMs: 5_000 };

export const insisting = (clock: Clock, logger: Logger, signal: AbortSignal): Insisting => {
  const troubles = new Map<string, string>();

  /** True when there is nothing left to do. */
  const tried = async (what: string, work: () => Promise<void>, failures: number): Promise<boolean> => {
    try {
      await work();
      troubles.delete(what);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      troubles.set(what, `${what}: ${error instanceof Error ? error.message : String(error)}`);
      logger.error({ error, failures }, `${what} failed; it is tried again`);
      return false;
    }
  };

  return {
    insist: async (what, work) => {
      for (let failures = 1; !signal.aborted && !(await tried(what, work, failures)); failures += 1)
        await clock.sleep(backoffAfter(retry, failures), signal).catch(() => undefined);
    },
    trouble: () => [...troubles.values()].join('; ') || null,
  };
};
