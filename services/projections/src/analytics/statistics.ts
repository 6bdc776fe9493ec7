/** Exact, by the nearest rank: the smallest value that at least this share of all are not above. Null for none. */
export const percentile = (values: readonly number[], share: number): number | null => {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
};

export const durationsOf = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
});

/** Null where there is nothing to divide by. */
export const rateOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
