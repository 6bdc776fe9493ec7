import type { Clock, Component, Logger } from '@partitura/shared/runtime';
import TinyQueue from 'tinyqueue';

export interface Alarm extends Component {
  /** Wakes for `key` at `at`; a sooner time than one it has counts, a later one is found out when it wakes. */
  readonly set: (key: string, at: number) => void;
}

/**
 * Wakes for many keys with one sleeper. It holds nothing that the log does not say: after a restart everybody sets it anew.
 */
export const createAlarm = (clock: Clock, logger: Logger, onDue: (key: string) => Promise<void>): Alarm => {
  const waiting = new TinyQueue<{ key: string; at: number }>([], (left, right) => left.at - right.at);
  const soonest = new Map<string, number>();
  let sleeper: AbortController | null = null;
  let running = false;

  const wake = async (): Promise<void> => {
    const now = clock.now();
    const due = new Set<string>();
    for (let top = waiting.peek(); top && top.at <= now; top = waiting.peek()) {
      waiting.pop();
      if (soonest.get(top.key) !== top.at) continue;
      soonest.delete(top.key);
      due.add(top.key);
    }
    for (const key of due) {
      await onDue(key).catch((error: unknown) => {
        logger.error(
          { error, key },
          'A timer that was due could not be handled; it is tried again in a second.',
        );
        set(key, clock.now() + 1_000);
      });
    }
  };

  const sleep = async (): Promise<void> => {
    while (running) {
      const top = waiting.peek();
      if (!top) return;
      const controller = new AbortController();
      sleeper = controller;
      const slept = await clock.sleep(Math.max(0, top.at - clock.now()), controller.signal).then(
        () => true,
        () => false,
      );
      if (slept) await wake();
    }
  };

  let sleeping: Promise<void> | null = null;
  const ensureAsleep = (): void => {
    if (!running || sleeping !== null) return;
    sleeping = sleep().finally(() => {
      sleeping = null;
      if (waiting.peek()) ensureAsleep();
    });
  };

  const set = (key: string, at: number): void => {
    const before = soonest.get(key);
    if (before !== undefined && before <= at) return;
    const first = waiting.peek();
    soonest.set(key, at);
    waiting.push({ key, at });
    // Only a time before all others is worth waking the sleeper for.
    if (first && at < first.at) sleeper?.abort();
    ensureAsleep();
  };

  return {
    name: 'timers',
    set,
    start: async () => {
      running = true;
      ensureAsleep();
    },
    stop: async () => {
      running = false;
      sleeper?.abort();
      await sleeping;
    },
  };
};
