import type { Position } from '@partitura/shared/events';
import type { Clock } from '@partitura/shared/runtime';

/**
 * Instances that write one projection at the same pace do all the work twice: each folds a page and only one may store it. So who
 * lost lets the other go first from then on, and takes what that one stored; who waited for nothing goes first again.
 */
export interface HeadStart {
  lost(): void;
  /** Gives it, if somebody was faster before. True as soon as somebody has gone on from `stored`. */
  given(stored: Position): Promise<boolean>;
}

/** 155 ms in all: a page takes 5 to 50. */
const pausesMs = [5, 10, 20, 40, 80];

export const headStart = (clock: Clock, checkpoint: () => Promise<Position>): HeadStart => {
  let isSecond = false;
  return {
    lost: () => {
      isSecond = true;
    },
    given: async (stored) => {
      if (!isSecond) return false;
      for (const pause of pausesMs) {
        if ((await checkpoint()) !== stored) return true;
        await clock.sleep(pause);
      }
      isSecond = false;
      return false;
    },
  };
};
