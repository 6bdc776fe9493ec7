import { crockford, idLength } from '../chance.ts';
import type { Ids, Randomness } from '../ports.ts';

/** `r_0000000001`, `r_0000000002`, …: counted per prefix, so that one more id of another kind changes no expectation. */
export const sequentialIds = (): Ids => {
  const counts = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${encode(count).padStart(idLength, '0')}`;
    },
  };
};

const encode = (value: number): string =>
  value < 32 ? crockford.charAt(value) : encode(Math.floor(value / 32)) + crockford.charAt(value % 32);

/** Mulberry32: 32 bits of state, the same numbers for the same seed on every machine. */
export const seededRandomness = (seed: number): Randomness => {
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
