/** From when on something is a pattern. The defaults are those of the systems that this one replaces. */

export interface Thresholds {
  /** What is less certain is not told; strictly more is. */
  readonly confidenceMin: number;
  /** death_spiral: more restarts of a pod than this, in so long. */
  readonly deathSpiralRestarts: number;
  readonly deathSpiralMinutes: number;
  /** crash_loop_backoff: at least so many restarts of a pod, in so long. */
  readonly crashLoopRestarts: number;
  readonly crashLoopMinutes: number;
  /** oom_kill_cascade: siblings restart within so long. */
  readonly oomCascadeSeconds: number;
  /** config_cascade, configmap_change_cascade: pods restart within so long after the change. */
  readonly configMinutes: number;
  /** node_pressure_eviction: pressure and one eviction, or more evictions than this, in so long. */
  readonly evictions: number;
  readonly evictionMinutes: number;
  /** service_disruption: a smaller part of the pods than this runs, or more than half had trouble in so long. */
  readonly serviceRatio: number;
  readonly serviceMinutes: number;
  /** rolling_update_failure: pods of a rollout fail within so long of its beginning. */
  readonly rolloutMinutes: number;
  /** error_spike: more errors a minute than this, in so long; of answers 5xx at least so many in that time. */
  readonly errorsPerMinute: number;
  readonly errorMinutes: number;
  readonly serverErrors: number;
  /** cascading_failure: at least so many who depend on a failing one fail, within so long; or more errors of one reason than this. */
  readonly cascadeDependents: number;
  readonly cascadeMinutes: number;
  readonly cascadeErrors: number;
  /** memory_leak: at least so many ends for want of memory of one workload, in so long. */
  readonly leakKills: number;
  readonly leakMinutes: number;
  /** resource_churn: more operations on objects of one kind and owner than this, in so long. */
  readonly churnOperations: number;
  readonly churnMinutes: number;
  /** noisy_neighbor: throttling and pressure on one node, in so long. */
  readonly noisyMinutes: number;
  /** storage_starvation: no space, failing writes and ends of pods, in so long. */
  readonly storageMinutes: number;
  /** bootstrap_race: restarts in so long after the beginning. */
  readonly bootstrapMinutes: number;
}

export const defaultThresholds: Thresholds = {
  confidenceMin: 0.7,
  deathSpiralRestarts: 3,
  deathSpiralMinutes: 5,
  crashLoopRestarts: 3,
  crashLoopMinutes: 10,
  oomCascadeSeconds: 300,
  configMinutes: 10,
  evictions: 2,
  evictionMinutes: 30,
  serviceRatio: 0.5,
  serviceMinutes: 10,
  rolloutMinutes: 30,
  errorsPerMinute: 10,
  errorMinutes: 5,
  serverErrors: 10,
  cascadeDependents: 2,
  cascadeMinutes: 15,
  cascadeErrors: 10,
  leakKills: 3,
  leakMinutes: 60,
  churnOperations: 50,
  churnMinutes: 5,
  noisyMinutes: 5,
  storageMinutes: 10,
  bootstrapMinutes: 5,
};
