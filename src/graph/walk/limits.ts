/** What bounds every walk, so that no question about any graph takes longer than a glance. A walk that met a limit says `truncated`. */

export interface Limits {
  /** Most resources in the answer. */
  readonly resources: number;
  /** Most edges looked at on the way to it. */
  readonly edges: number;
}

/** Some 50 ms of walking on one core. */
export const defaultLimits: Limits = { resources: 5_000, edges: 100_000 };
