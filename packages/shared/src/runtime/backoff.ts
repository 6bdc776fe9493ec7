export interface Backoff {
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** Milliseconds to wait after the n-th failure in a row: doubled each time, up to the most. `failures` counts from 1. */
export const backoffAfter = ({ backoffMs, maxBackoffMs }: Backoff, failures: number): number =>
  Math.min(maxBackoffMs, backoffMs * 2 ** Math.max(0, failures - 1));
