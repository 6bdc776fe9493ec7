import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets other processes in between. Who has just appended knows where the stream stands and appends again at once; who lost to him has
 * to read first, and loses again: measured with 30 busy producers on one replica, a single command on another found no gap within five
 * seconds. So who appends without a pause makes one now and then, long enough for another to read, decide and append. What comes
 * meanwhile goes into the next append together: nothing is lost but a millisecond, four times a second.
 */
export interface Courtesy {
  /** Before a decision. */
  pause(): Promise<void> | undefined;
  /** After an append that took so long, in milliseconds. */
  appended(took: number): void;
}

const everyMs = 250;
/** Appends that fit into a gap: the reading, the append, and once more for bad luck. */
const appendsInGap = 3;
const shortestMs = 1;
const longestMs = 100;

export const courtesy = (now: () => number = () => performance.now()): Courtesy => {
  let lastGap = now();
  let lastAppend = Number.NEGATIVE_INFINITY;
  let gapMs = shortestMs;

  return {
    appended: (took) => {
      gapMs = Math.min(longestMs, Math.max(shortestMs, took * appendsInGap));
      lastAppend = now();
    },
    pause: () => {
      const asked = now();
      if (asked - lastAppend >= gapMs) lastGap = asked;
      if (asked - lastGap < everyMs) return undefined;
      return sleep(gapMs).then(() => {
        lastGap = now();
      });
    },
  };
};
