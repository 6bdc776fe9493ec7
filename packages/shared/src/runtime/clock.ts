import type { Clock } from './ports.ts';

/** `setTimeout` takes 31 bits; what is longer would fire at once. */
const longestTimer = 2 ** 31 - 1;

const sleepOnce = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const wake = () => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    let left = ms;
    while (left > longestTimer) {
      await sleepOnce(longestTimer, signal);
      left -= longestTimer;
    }
    await sleepOnce(Math.max(0, left), signal);
  },
};
