/**
 * Trends that single points cannot bend: the slope of Theil and Sen (the median of the slopes of all pairs), its confidence interval by ranks, and quantiles of
 * what it leaves over. Pure statistics: points in, a line with its uncertainty out. Sources: Sen, J. Am. Stat. Assoc. 63 (1968) 1379; Kendall's S for ties.
 */

export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  /** A millisecond. */
  readonly slope: number;
  /** Both ends of its confidence interval of 95 %. */
  readonly slopeMin: number;
  readonly slopeMax: number;
  /** The line at the last point. */
  readonly level: number;
  /** Quantiles 5 % and 95 % of what points are above the line. */
  readonly below: number;
  readonly above: number;
  readonly points: number;
  readonly spanMs: number;
}

/** Fewer say nothing. */
const POINTS_MIN = 6;
/** All pairs of more take too long, and say no more. */
const POINTS_MAX = 200;
const Z = 1.96;

/** The line through points that rise in time; undefined where there are too few to tell one. */
export function trendOf(all: readonly Point[]): Trend | undefined {
  const points = thinned(all);
  const [first] = points;
  const last = points.at(-1);
  if (points.length < POINTS_MIN || first === undefined || last === undefined || last.at <= first.at) return undefined;
  const slopes: number[] = [];
  for (const [index, a] of points.entries())
    for (const b of points.slice(index + 1)) if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  slopes.sort(ascending);
  const slope = quantileOf(slopes, 0.5);
  const margin = Z * deviationOf(points);
  const rank = (of: number): number => Math.min(slopes.length - 1, Math.max(0, Math.round(of)));
  const levels = points.map(({ at, value }) => value + slope * (last.at - at)).sort(ascending);
  const level = quantileOf(levels, 0.5);
  return {
    slope,
    slopeMin: slopes[rank((slopes.length - margin) / 2)] ?? slope,
    slopeMax: slopes[rank((slopes.length + margin) / 2)] ?? slope,
    level,
    below: quantileOf(levels, 0.05) - level,
    above: quantileOf(levels, 0.95) - level,
    points: all.length,
    spanMs: last.at - first.at,
  };
}

/** Standard deviation of Kendall's S, with ties among the values. */
function deviationOf(points: readonly Point[]): number {
  const n = points.length;
  const term = (t: number): number => t * (t - 1) * (2 * t + 5);
  const ties = [...Map.groupBy(points, ({ value }) => value).values()].reduce(
    (sum, { length }) => sum + term(length),
    0,
  );
  return Math.sqrt(Math.max(0, term(n) - ties) / 18);
}

/** Of many points, as many as are taken, evenly; the last always. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= POINTS_MAX) return points;
  const step = (points.length - 1) / (POINTS_MAX - 1);
  return Array.from({ length: POINTS_MAX }, (_, index) => points[Math.round(index * step)]).filter(
    (one) => one !== undefined,
  );
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Of sorted numbers, between the two nearest. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** What was so until it was something else, as points at even distances: what stays the same counts, too. */
export function evenly(steps: readonly Point[], until: number, count = 48): readonly Point[] {
  const [first] = steps;
  if (first === undefined || until <= first.at) return steps;
  const points: Point[] = [];
  let step = 0;
  for (let index = 0; index < count; index++) {
    const at = first.at + ((until - first.at) * index) / (count - 1);
    while ((steps[step + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) step++;
    points.push({ at, value: steps[step]?.value ?? first.value });
  }
  return points;
}

/** When a line meets a limit above it: most probably, and within what. */
export interface Meeting {
  readonly at: number;
  readonly earliest: number;
  /** Absent where it may never come to that. */
  readonly latest?: number;
}

/** Undefined where nothing rises for certain. `now` is when the line was seen last. */
export function meetingOf(
  { slope, slopeMin, slopeMax, level, below, above }: Trend,
  limit: number,
  now: number,
): Meeting | undefined {
  if (!(slopeMin > 0) || !(slope > 0)) return undefined;
  const after = (distance: number, by: number): number => now + Math.max(0, distance) / by;
  return {
    at: after(limit - level, slope),
    earliest: after(limit - level - above, slopeMax),
    latest: after(limit - level - below, slopeMin),
  };
}
