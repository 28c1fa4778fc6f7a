/**
 * When something that is told again and again began to be told more often: what separates a fault from the murmur of every program. Pure statistics:
 * times in, the beginning out.
 */

export interface Rise {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** There was a time before with clearly less of it; otherwise nobody knows whether it was ever better. */
  readonly isRise: boolean;
  /** Separate moments at which it was told since. */
  readonly count: number;
}

/** What comes within so long is one moment: a stack trace is one error. */
const MOMENT_MS = 10_000;
const MINUTE = 60_000;
/** How improbable chance must be; of what no program says in its daily work, less so. */
export const CHANCE = 0.005;
export const CHANCE_OF_FATAL = 0.02;
const MOMENTS_MIN = 4;

/**
 * The beginning of what goes on now; undefined when it is over. `times` rise, `begins` is since when it would have been heard. A rise is a part of the
 * time, up to now, with so many of the moments that chance does not explain it.
 */
export function riseOf(
  times: readonly number[],
  begins: number,
  now: number,
  improbable: number = CHANCE,
): Rise | undefined {
  const moments = momentsOf(times);
  const last = moments.at(-1);
  const [first] = moments;
  if (last === undefined || first === undefined) return undefined;
  const gap = moments.length > 1 ? (last - first) / (moments.length - 1) : 0;
  // Of a few nobody can say that they come again.
  const patience = moments.length < MOMENTS_MIN ? 2 : 5;
  if (now - last > Math.max(5 * MINUTE, patience * gap)) return undefined;
  const whole = Math.max(now - Math.min(begins, first), 1);
  let best = { since: first, chance: 1, count: moments.length };
  for (const [before, since] of moments.entries()) {
    const count = moments.length - before;
    if (count < MOMENTS_MIN) break;
    const share = Math.max(now - since, MOMENT_MS) / whole;
    const chance = tail(moments.length, count, share);
    if (chance < best.chance) best = { since, chance, count };
  }
  const isRise = best.chance < improbable && !hasFaded(moments, best.since, now);
  return { since: isRise ? best.since : first, isRise, count: isRise ? best.count : moments.length };
}

/** A burst that was long ago, as long as that time goes. */
function hasFaded(moments: readonly number[], since: number, now: number): boolean {
  const inside = moments.filter((one) => one >= since);
  const last = inside.at(-1) ?? since;
  const gap = (last - since) / Math.max(inside.length - 1, 1);
  return now - last > Math.max(2 * MINUTE, 3 * gap);
}

function momentsOf(times: readonly number[]): readonly number[] {
  const moments: number[] = [];
  for (const time of times) if (time - (moments.at(-1) ?? Number.NEGATIVE_INFINITY) >= MOMENT_MS) moments.push(time);
  return moments;
}

/** How probable it is that at least `count` of `n` fall into a part of the time by chance (binomial). */
function tail(n: number, count: number, share: number): number {
  if (share >= 1) return 1;
  let sum = 0;
  let term = n * Math.log(1 - share);
  const odds = Math.log(share) - Math.log(1 - share);
  for (let k = 0; k <= n; k++) {
    if (k >= count) sum += Math.exp(term);
    term += Math.log((n - k) / (k + 1)) + odds;
  }
  return Math.min(sum, 1);
}
