/**
 * A detection: a pattern that what happened fits, known by name to whoever has seen it before. It says what is going on, not why: causes are for mechanisms.
 * What has recovered is past, and kept as such; an innocent pattern says so (`info`).
 */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import type { Evidence } from '../hypothesis.ts';
import type { Thresholds } from './thresholds.ts';

/** Names that other systems know them by, where they have one. */
export const patterns = {
  death_spiral: 'a pod restarts faster than it can recover',
  config_cascade: 'a changed ConfigMap or Secret reaches pods',
  crash_loop_backoff: 'a container ends again and again',
  oom_kill_cascade: 'pods of a Service end one after the other once one was killed for its memory',
  configmap_change_cascade: 'pods restart after the configuration that they use was changed',
  node_pressure_eviction: 'a node under pressure evicts pods',
  service_disruption: 'too few pods of a Service answer',
  rolling_update_failure: 'a rollout does not come to its end because its new pods fail',
  error_spike: 'errors come much more often than is bearable',
  cascading_failure: 'who depends on a failing one fails, too',
  memory_leak: 'memory grows until containers are killed for it, again and again',
  resource_churn: 'objects are made and removed in masses',
  noisy_neighbor: 'one pod takes what others on its node need',
  storage_starvation: 'no space is left, writing fails, and pods end',
  bootstrap_race: 'pods that began before what they need restarted, and are well since',
} as const satisfies Record<string, string>;

export type Pattern = keyof typeof patterns;

export const patternNames = Object.keys(patterns) as Pattern[];

export interface Detection {
  readonly pattern: Pattern;
  /** `info`: it harms nobody. */
  readonly severity: 'critical' | 'warning' | 'info';
  readonly confidence: number;
  /** It goes on; otherwise it is past. */
  readonly active: boolean;
  /** When it began, and when it was last seen. Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  readonly subject: Resource;
  /** Who else is part of it. */
  readonly resources: readonly Resource[];
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Clue[];
}

export type Clue = Omit<Evidence, 'weight'>;

/** Looks for one pattern; pure, and the same for the same estate. */
export type Detector = (known: Case, thresholds: Thresholds) => Iterable<Detection>;

export const MINUTE = 60_000;

/** `3 pods`, `1 pod`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** So many clues at most; the first say enough. */
export const CLUES_MAX = 12;
