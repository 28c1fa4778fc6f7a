/**
 * A synthetic estate with the proportions of a real one, for benchmarks and soak tests: every object of the census as the API server
 * serves it, made one at a time from an index. The same options give the same bytes in every process, and nothing made is kept,
 * so an estate of any size can be streamed.
 */
import type { Change, KubeObject, Scope } from '../src/model/change.ts';
import { groupOf } from '../src/model/change.ts';
import { cronJobAt, jobAt } from './workload/batch.ts';
import { claimAt, configMapAt, secretAt, serviceAccountAt, volumeAt } from './workload/configuration.ts';
import { hotCount, hotObject } from './workload/hot.ts';
import { endpointSliceAt, ingressAt, networkPolicyAt, serviceAt } from './workload/network.ts';
import {
  ingressClassAt,
  ingressClasses,
  leaseAt,
  namespaceAt,
  nodeAt,
  storageClassAt,
  storageClasses,
} from './workload/nodes.ts';
import { type CensusKind, type Plan, plan } from './workload/plan.ts';
import { podAt } from './workload/pods.ts';
import {
  autoscalerAt,
  daemonSetAt,
  deploymentAt,
  disruptionBudgetAt,
  replicaSetAt,
  statefulSetAt,
} from './workload/workloads.ts';

export interface CensusOptions {
  /** Factor on every count; 1 (the default) is the census. */
  readonly scale?: number;
  /** Instead of `scale`: about this many objects. */
  readonly objects?: number;
  readonly seed?: number;
  /** Share of Deployments that read a Secret which does not exist, 0..1; 0.005 by default. */
  readonly danglingShare?: number;
  /** Adds the namespace `hot` with this many pods under one Service and one policy that matches them all. */
  readonly hotPods?: number;
}

interface KindSpec {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly make: (plan: Plan, index: number) => KubeObject;
  readonly count: CensusKind | number;
}

/** In the order in which they are made; what the census itself does not count takes its number from what it belongs to. */
const specs: readonly KindSpec[] = [
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', make: namespaceAt, count: 'Namespace' },
  { apiVersion: 'v1', kind: 'Node', plural: 'nodes', make: nodeAt, count: 'Node' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', make: leaseAt, count: 'Node' },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    make: storageClassAt,
    count: storageClasses.length,
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    plural: 'ingressclasses',
    make: ingressClassAt,
    count: ingressClasses.length,
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    make: serviceAccountAt,
    count: 'ServiceAccount',
  },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', make: configMapAt, count: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', make: secretAt, count: 'Secret' },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    make: volumeAt,
    count: 'PersistentVolumeClaim',
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    make: claimAt,
    count: 'PersistentVolumeClaim',
  },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', make: deploymentAt, count: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', make: replicaSetAt, count: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', make: statefulSetAt, count: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', make: daemonSetAt, count: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', make: cronJobAt, count: 'CronJob' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', make: jobAt, count: 'Job' },
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', make: podAt, count: 'Pod' },
  { apiVersion: 'v1', kind: 'Service', plural: 'services', make: serviceAt, count: 'Service' },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    make: endpointSliceAt,
    count: 'Service',
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', make: ingressAt, count: 'Ingress' },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    make: networkPolicyAt,
    count: 'NetworkPolicy',
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    make: autoscalerAt,
    count: 'HorizontalPodAutoscaler',
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    make: disruptionBudgetAt,
    count: 'PodDisruptionBudget',
  },
];

/** One kind of the census and how many objects of it there are, the hot namespace's included. */
export interface CensusKindCount {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly count: number;
}

export interface Census {
  readonly plan: Plan;
  readonly kinds: readonly CensusKindCount[];
  /** All objects of all kinds. */
  readonly size: number;
  /** Objects one after another, all or of one kind. */
  objects(kind?: string): Generator<KubeObject>;
  /** The n-th object of a kind, the hot namespace's left out. */
  object(kind: string, index: number): KubeObject;
  /** Answers to `GET …?limit=500`, page after page, byte for byte as long as the API server's; items carry no apiVersion and kind, as there. */
  asJsonPages(kind: string, pageSize?: number): Generator<string>;
}

/** Objects per page of a list, as client-go and most clients ask for. */
export const pageSize = 500;

/** Objects of the census at scale 1; see `plan.ts` for the counts that were published. */
const sizeAtFullScale = 216_523;

export function census(options: CensusOptions = {}): Census {
  const { objects, seed = 1, danglingShare = 0.005, hotPods = 0 } = options;
  const scale = options.scale ?? (objects === undefined ? 1 : (objects - hotPods) / sizeAtFullScale);
  const facts = plan({ scale, seed, danglingShare });
  const regular = ({ count }: KindSpec): number => (typeof count === 'number' ? count : facts.counts[count]);
  const kinds = specs.map((spec) => ({
    apiVersion: spec.apiVersion,
    kind: spec.kind,
    plural: spec.plural,
    count: regular(spec) + hotCount(spec.kind, hotPods),
  }));
  const made = function* (spec: KindSpec): Generator<KubeObject> {
    for (let index = 0; index < regular(spec); index++) yield spec.make(facts, index);
    for (let index = 0; index < hotCount(spec.kind, hotPods); index++)
      yield hotObject(facts, spec.kind, hotPods, index);
  };
  return {
    plan: facts,
    kinds,
    size: kinds.reduce((sum, { count }) => sum + count, 0),
    object: (kind, index) => specOf(kind).make(facts, index),
    *objects(kind) {
      for (const spec of kind === undefined ? specs : [specOf(kind)]) yield* made(spec);
    },
    asJsonPages: (kind, size = pageSize) => jsonPages(specOf(kind), made(specOf(kind)), size),
  };
}

function specOf(kind: string): KindSpec {
  const spec = specs.find((candidate) => candidate.kind === kind);
  if (spec === undefined)
    throw new RangeError(`the census has no ${kind}; it has ${specs.map((known) => known.kind).join(', ')}`);
  return spec;
}

function* jsonPages({ apiVersion, kind }: KindSpec, objects: Iterable<KubeObject>, size: number): Generator<string> {
  let items: string[] = [];
  let start = 0;
  const page = (next: string): string =>
    `{"kind":"${kind}List","apiVersion":"${apiVersion}","metadata":{"resourceVersion":"${listVersion}"${next}},"items":[${items.join(',')}]}`;
  for (const object of objects) {
    if (items.length === size) {
      start += size;
      yield page(`,"continue":"${continueToken(start)}"`);
      items = [];
    }
    const { apiVersion: _, kind: __, ...item } = object;
    items.push(JSON.stringify(item));
  }
  yield page('');
}

/** The resource version of every list of the census; all changes have later ones. */
const listVersion = '590000000';

/** Where a list goes on, opaque to clients. */
function continueToken(start: number): string {
  return Buffer.from(`{"v":"meta.k8s.io/v1","rv":${listVersion},"start":${start}}`).toString('base64url');
}

/** The place a token of `asJsonPages` stands for. */
export function startOfToken(token: string): number {
  const { start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { start: number };
  return start;
}

/** A page parsed, its items with apiVersion and kind as a client hands them on. */
export function objectsOfPage(page: string): KubeObject[] {
  const { apiVersion, kind, items } = JSON.parse(page) as {
    apiVersion: string;
    kind: string;
    items: Omit<KubeObject, 'apiVersion' | 'kind'>[];
  };
  const itemKind = kind.slice(0, -'List'.length);
  return items.map((item) => Object.assign(item, { apiVersion, kind: itemKind })) as KubeObject[];
}

/** What a source says after a complete list of one kind. */
export function listed(cluster: string, at: string, kind: CensusKindCount, objects: readonly KubeObject[]): Change {
  const scope: Scope = { group: groupOf(kind.apiVersion), kind: kind.kind };
  return { type: 'reset', at, cluster, scope, objects };
}
