import type { Randomness } from '@partitura/shared/runtime';

/** A draw from the standard normal distribution (Box and Muller). */
export const normal = (randomness: Randomness): number => {
  // 1 - u is in (0, 1]: a logarithm of nothing cannot come up.
  const radius = Math.sqrt(-2 * Math.log(1 - randomness.next()));
  return radius * Math.cos(2 * Math.PI * randomness.next());
};

/** A factor around 1 (its median), never 0: twice as much is as likely as half as much. */
export const logNormalFactor = (spread: number, randomness: Randomness): number =>
  Math.exp(spread * normal(randomness));

/** How sure an estimate is: small tasks come out as thought, big ones hold surprises. */
export const spreadOf = (complexity: number): number => 0.2 + 0.16 * Math.log2(1 + complexity);

/** Attempts until one succeeds or none is left. */
export const attemptsNeeded = (
  failureChance: number,
  maxAttempts: number,
  randomness: Randomness,
): number => {
  let attempts = 1;
  while (attempts < maxAttempts && randomness.next() < failureChance) attempts += 1;
  return attempts;
};

/** The value below which a share of the sorted values lies. */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted.length === 0 ? 0 : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
