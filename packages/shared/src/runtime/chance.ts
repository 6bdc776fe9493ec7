import { randomFillSync } from 'node:crypto';
import type { Ids, Randomness } from './ports.ts';

/** Crockford's base 32: no i, l, o, u, so that an id can be read aloud and never spells a word. */
export const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** Characters after the prefix: 50 bits. */
export const idLength = 10;

const poolSize = 4096;

/**
 * Ids from the system's cryptographic source, read in pools of 4 KiB: one call per 400 ids instead of one per id, which is
 * what an event log makes of them.
 */
export const randomIds = (): Ids => {
  const pool = new Uint8Array(poolSize);
  let used = poolSize;
  return {
    next: (prefix) => {
      if (used + idLength > poolSize) {
        randomFillSync(pool);
        used = 0;
      }
      let id = `${prefix}_`;
      for (const end = used + idLength; used < end; used += 1) id += crockford.charAt((pool[used] ?? 0) & 31);
      return id;
    },
  };
};

/** The runtime's own generator: good for jitter and sampling, not for secrets. */
export const systemRandomness: Randomness = { next: () => Math.random() };

/**
 * Mulberry32: 32 bits of state, the same numbers for the same seed on every machine, so that what was made with it can be made
 * again after a crash or in a replay.
 */
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
