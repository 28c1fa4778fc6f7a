/** Waiting longer after each failure, with jitter, so that many who failed together do not come back together. Pure: chance is a parameter. */

export interface Backoff {
  /** Wait after the first failure, before jitter. */
  readonly firstMs: number;
  /** Longest wait, before jitter. */
  readonly maxMs: number;
}

/**
 * The wait after that many failures in a row (1, 2, …): doubling, then between half and one and a half of it, evenly.
 * `random` gives numbers in [0, 1).
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: () => number): number {
  return jittered(Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 30)), random);
}

/** Between half and one and a half of a duration. */
export function jittered(milliseconds: number, random: () => number): number {
  return Math.round(milliseconds * (0.5 + random()));
}
