/**
 * Who is where: how many objects of each kind there are, and which application each belongs to. Holds a few integers per application
 * and no objects; everything else follows from an index by arithmetic, so a reference made from one side meets the object made on the other.
 */
import { type Random, seededRandom } from '../../test/support/random.ts';
import { systemNamespaceCount } from './names.ts';

/**
 * What one Amazon EKS cluster held (432 namespaces, 248 nodes): the field census published with Radar's scale benchmark, exact per kind.
 * The counts add up to 191,256; the "~134k cached objects" named with them leaves some kinds out.
 */
export const radarCensus = {
  Deployment: 19_924,
  ReplicaSet: 43_033,
  Pod: 29_455,
  StatefulSet: 388,
  DaemonSet: 9,
  Service: 23_547,
  Ingress: 16_977,
  Job: 19_861,
  CronJob: 4_291,
  ConfigMap: 3_894,
  Secret: 26_668,
  PersistentVolumeClaim: 787,
  HorizontalPodAutoscaler: 385,
  PodDisruptionBudget: 12,
  NetworkPolicy: 1_480,
  ServiceAccount: 545,
  Namespace: 432,
  Node: 248,
} as const;

export type CensusKind = keyof typeof radarCensus;

/** Applications are the unit of the plan: each Deployment is one, everything else belongs to one or to its namespace. */
export interface Plan {
  readonly seed: number;
  readonly counts: Readonly<Record<CensusKind, number>>;
  readonly danglingShare: number;
  /** `appsBefore[n]` applications live in namespaces before `n`; contiguous, so neighbours by index are neighbours in the cluster. */
  readonly appsBefore: Int32Array;
  readonly replicaSetsBefore: Int32Array;
  readonly appPodsBefore: Int32Array;
  readonly claimsBefore: Int32Array;
  /** Jobs below this index still have their pod. */
  readonly jobPods: number;
  readonly tlsSecrets: number;
  readonly appSecrets: number;
}

export interface PlanOptions {
  /** 1 is the census. */
  readonly scale: number;
  readonly seed: number;
  /** Share of applications that read a Secret which does not exist, 0..1. */
  readonly danglingShare: number;
}

export function plan({ scale, seed, danglingShare }: PlanOptions): Plan {
  const counts = Object.fromEntries(
    Object.entries(radarCensus).map(([kind, count]) => [kind, Math.max(1, Math.round(count * scale))]),
  ) as Record<CensusKind, number>;
  counts.Namespace = Math.max(counts.Namespace, systemNamespaceCount + 1);
  counts.ServiceAccount = Math.max(counts.ServiceAccount, counts.Namespace);
  counts.ConfigMap = Math.max(counts.ConfigMap, counts.Namespace);
  counts.PersistentVolumeClaim = Math.max(counts.PersistentVolumeClaim, counts.StatefulSet);
  const random = seededRandom(`${seed}/plan`);
  const apps = counts.Deployment;
  const jobPods = Math.min(counts.Job, Math.round(counts.Pod / 6));
  const appPods = counts.Pod - jobPods - counts.DaemonSet * counts.Node - counts.PersistentVolumeClaim;
  if (appPods < 0) throw new RangeError(`scale ${scale} leaves no pods for Deployments; use at least 0.002`);
  return {
    seed,
    counts,
    danglingShare,
    appsBefore: before([
      ...new Array<number>(systemNamespaceCount).fill(0),
      ...shares(apps, counts.Namespace - systemNamespaceCount, 1, random),
    ]),
    replicaSetsBefore: before(shares(counts.ReplicaSet, apps, 1, random, 11)),
    appPodsBefore: before(shares(appPods, apps, 0, random, 60)),
    claimsBefore: before(shares(counts.PersistentVolumeClaim, counts.StatefulSet, 1, random, 9)),
    jobPods,
    tlsSecrets: Math.round(counts.Ingress * 0.4),
    appSecrets: Math.round(apps * 0.5),
  };
}

/** Splits `total` over `parts`, at least `least` and at most `most` each, a few large and many small, with exactly `total` in sum. */
function shares(
  total: number,
  parts: number,
  least: number,
  random: Random,
  most = Number.POSITIVE_INFINITY,
): number[] {
  const weights = Array.from({ length: parts }, () => 1 / (0.03 + random.next()));
  const sum = weights.reduce((a, b) => a + b, 0);
  const spare = total - least * parts;
  const result = weights.map((weight) => Math.min(most, least + Math.floor((spare * weight) / sum)));
  let missing = total - result.reduce((a, b) => a + b, 0);
  while (missing > 0) {
    const part = random.int(parts);
    const value = result[part] ?? 0;
    if (value >= most) continue;
    result[part] = value + 1;
    missing--;
  }
  return result;
}

function before(parts: readonly number[]): Int32Array {
  const sums = new Int32Array(parts.length + 1);
  for (let part = 0; part < parts.length; part++) sums[part + 1] = at(sums, part) + (parts[part] ?? 0);
  return sums;
}

export function at(list: Int32Array, index: number): number {
  const value = list[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${list.length}`);
  return value;
}

/** The part an index falls into, given the sums before each part. */
export function partOf(sums: Int32Array, index: number): number {
  let low = 0;
  let high = sums.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at(sums, middle) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Things of which only some applications have one, evenly strewn: the application of the `index`-th of `count`. */
export function appOfShare(plan: Plan, count: number, index: number): number {
  return Math.floor((index * plan.counts.Deployment) / count);
}

/** The last such thing that belongs to this application or one before it; -1 when there is none. `count` is at most the applications. */
export function shareAtOrBefore(plan: Plan, count: number, app: number): number {
  return Math.ceil(((app + 1) * count) / plan.counts.Deployment) - 1;
}

export function namespaceOfApp(plan: Plan, app: number): number {
  return partOf(plan.appsBefore, app);
}
