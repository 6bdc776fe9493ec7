import { setImmediate as nextTurn } from 'node:timers/promises';
import TinyQueue from 'tinyqueue';
import type { Clock } from '../ports.ts';

interface Sleeper {
  readonly due: number;
  readonly sequence: number;
  readonly wake: () => void;
  awake: boolean;
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch. Default: 2026-01-01T00:00:00Z. */
  readonly start?: number;
  /** Jump to the next sleeper by itself as soon as a turn of the event loop has passed. Default false: `advance` does. */
  readonly automatic?: boolean;
}

export interface VirtualClock extends Clock {
  /**
   * Lets `ms` pass, waking who sleeps in the order of their times. After each the event loop turns once, so that what was woken
   * can go on, and go to sleep again, before time does.
   */
  advance(ms: number): Promise<void>;
  /** How many sleep now. */
  sleeping(): number;
}

/** Time that passes when the test says so. Nothing waits for the wall clock. */
export const virtualClock = (options: VirtualClockOptions = {}): VirtualClock => {
  let time = options.start ?? Date.UTC(2026, 0, 1);
  let sequence = 0;
  let asleep = 0;
  let jumping = false;
  const sleepers = new TinyQueue<Sleeper>(
    [],
    (left, right) => left.due - right.due || left.sequence - right.sequence,
  );

  /** The next to wake at or before `limit`; those who were aborted are passed over. */
  const nextDue = (limit: number): Sleeper | undefined => {
    while (sleepers.peek()?.awake) sleepers.pop();
    const first = sleepers.peek();
    return first && first.due <= limit ? sleepers.pop() : undefined;
  };

  const wakeUntil = async (limit: number): Promise<void> => {
    for (let sleeper = nextDue(limit); sleeper; sleeper = nextDue(limit)) {
      time = Math.max(time, sleeper.due);
      sleeper.wake();
      await nextTurn();
    }
  };

  const jump = async (): Promise<void> => {
    jumping = true;
    await nextTurn();
    await wakeUntil(Number.POSITIVE_INFINITY);
    jumping = false;
    // Who went to sleep in the microtasks since the last look found the clock still jumping and did not start it.
    if (asleep > 0) await jump();
  };

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const settle = (how: () => void) => () => {
        if (sleeper.awake) return;
        sleeper.awake = true;
        asleep -= 1;
        signal?.removeEventListener('abort', abort);
        how();
      };
      const abort = settle(() => reject(signal?.reason));
      const sleeper: Sleeper = {
        due: time + Math.max(0, ms),
        sequence: sequence++,
        wake: settle(resolve),
        awake: false,
      };
      signal?.addEventListener('abort', abort, { once: true });
      asleep += 1;
      sleepers.push(sleeper);
      if (options.automatic && !jumping) void jump();
    });

  return {
    now: () => time,
    sleep,
    sleeping: () => asleep,
    advance: async (ms) => {
      const until = time + ms;
      await nextTurn();
      await wakeUntil(until);
      time = Math.max(time, until);
    },
  };
};
