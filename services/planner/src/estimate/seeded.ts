import { sha256 } from '@partitura/shared/canonical';
import { type Randomness, seededRandomness } from '@partitura/shared/runtime';

/** Chance that belongs to a text: the same text, the same chance. An estimate made again is the estimate that was made. */
export const seededBy = (text: string): Randomness =>
  seededRandomness(Number.parseInt(sha256(text).slice(0, 8), 16));
