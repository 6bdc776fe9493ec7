import { sha256 } from '../../canonical/index.ts';

/** What tells one rehearsal from another. */
export type Seed = number | string;

/** In [0, 1), the same for the same seed and content on every machine. */
export const chance = (seed: Seed, ...content: readonly string[]): number =>
  Number.parseInt(sha256([String(seed), ...content].join('\u0000')).slice(0, 8), 16) / 0x1_0000_0000;
