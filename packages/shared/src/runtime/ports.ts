/** Time, ids and chance come in as data; these are where from. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. A virtual clock does so without waiting. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** `r_7k2m9x4tqa`: the prefix says of what, the rest is 10 random characters of Crockford's base 32. */
  next(prefix: string): string;
}

export interface Randomness {
  /** In [0, 1). */
  next(): number;
}
