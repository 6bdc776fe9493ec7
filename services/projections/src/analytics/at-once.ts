/** In milliseconds since 1970. */
export type Interval = readonly [from: number, to: number];

export interface AtOnce {
  readonly max: number;
  /** Weighted by time, while there was at least one; null when there never was. */
  readonly mean: number | null;
  /** In which there was at least one. */
  readonly busyMs: number;
  /** Of all of them together. */
  readonly sumMs: number;
}

/**
 * How many intervals there were at once: one pass over their ends. What ends at a moment makes room for what begins there.
 */
export const atOnce = (intervals: readonly Interval[]): AtOnce => {
  const ends = intervals
    .flatMap(([from, to]) =>
      to > from
        ? ([
            [from, 1],
            [to, -1],
          ] as const)
        : [],
    )
    .sort(([left, leftStep], [right, rightStep]) => left - right || leftStep - rightStep);
  let [now, max, busyMs, sumMs, before] = [0, 0, 0, 0, 0];
  for (const [time, step] of ends) {
    if (now > 0) busyMs += time - before;
    sumMs += now * (time - before);
    now += step;
    max = Math.max(max, now);
    before = time;
  }
  return { max, busyMs, sumMs, mean: busyMs === 0 ? null : sumMs / busyMs };
};
