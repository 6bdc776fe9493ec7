const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Before the second attempt, the third, and so on: ten in all, over three days, as Standard Webhooks advises. */
const pauses = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  20 * hour,
];

export const mostAttempts = pauses.length + 1;

/** A tenth more or less, so that what failed together does not come again together. */
const jitterShare = 0.1;

/**
 * What has waited behind others for so long gets one attempt. Otherwise each event behind a consumer that is dead would take three
 * days of its own, one after the other, and the last of a run's thousand would be given up in eight years.
 */
export const patienceMs = 72 * hour;

export interface FailedAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When it was to be sent for the first time. */
  readonly queuedAt: number;
  /** In [0, 1). */
  readonly chance: number;
}

/** When it is tried again, in milliseconds since the epoch; null for never. */
export const retryAt = ({ attempt, at, queuedAt, chance }: FailedAttempt): number | null => {
  const pause = pauses[attempt - 1];
  if (pause === undefined) return null;
  if (attempt === 1 && at - queuedAt >= patienceMs) return null;
  return Math.round(at + pause * (1 - jitterShare + 2 * jitterShare * chance));
};
