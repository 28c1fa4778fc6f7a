/** Counts per bucket instead of millions of values. */

/** The bucket in which the given share of all counts is reached, 0..100; NaN when nothing was counted. */
export function percentileOf(histogram: Uint32Array, percent: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil((percent / 100) * total));
  let seen = 0;
  for (const [bucket, count] of histogram.entries()) {
    seen += count;
    if (seen >= rank) return bucket;
  }
  return histogram.length - 1;
}
