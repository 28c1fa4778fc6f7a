/** What bounds every walk, so that no question about any graph takes longer than a glance. A walk that met a limit says `truncated`. */

export interface Limits {
  /** Most resources in the answer. */
  readonly resources: number;
  /** Most edges looked at on the way to it. */
  readonly edges: number;
}

/** Some 30 ms of walking on one core, along the few types of edges that failure travels. */
export const defaultLimits: Limits = { resources: 5_000, edges: 100_000 };

/** The same for walks along every type of edge. */
export const pictureLimits: Limits = { resources: 2_000, edges: 50_000 };
