import { sha256 } from '@partitura/shared/canonical';
import type { Randomness } from '@partitura/shared/runtime';

/**
 * The same numbers for the same seed, on every machine (mulberry32): an estimate made again after a crash, or in a replay, is
 * the estimate that was made.
 */
export const seeded = (seed: number): Randomness => {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
};

/** Chance that belongs to a text: the same text, the same chance. */
export const seededBy = (text: string): Randomness => seeded(Number.parseInt(sha256(text).slice(0, 8), 16));
