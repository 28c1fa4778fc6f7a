/**
 * Whether a pod could run on a node, obstacle by obstacle, as the filters of kube-scheduler have it: cordon, taints, node selector and affinity, what is
 * asked for against what is left, ports of the host, pods that it must not be beside, volumes that lie elsewhere. Source: pkg/scheduler/framework/plugins.
 */
import type { KubeObject } from '../model/change.ts';
import { quantity } from '../model/quantity.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { matches, requirementsFrom, selectorFrom } from '../model/selector.ts';
import { type Case, listAt, text, treeAt } from './case.ts';

type Tree = Readonly<Record<string, unknown>>;

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What keeps a pod off a node. */
export type Obstacle =
  | { readonly type: 'cordon' }
  | { readonly type: 'taint'; readonly taint: Taint }
  | { readonly type: 'selector' }
  /** `never`: not even if the node were empty. */
  | { readonly type: 'resource'; readonly name: string; readonly never: boolean }
  | { readonly type: 'ports'; readonly holder: Resource }
  | { readonly type: 'apart'; readonly from: Resource }
  | { readonly type: 'volume'; readonly volume: Resource };

export interface Assessed {
  readonly node: Resource;
  readonly object: KubeObject;
  readonly obstacles: readonly Obstacle[];
}

/** Every node of the cluster of which the object is known, with what keeps the pod off it. */
export function assess(known: Case, pod: Resource): readonly Assessed[] {
  const { cluster } = pod;
  const spec = treeAt(known.object(pod.id), 'spec');
  if (spec === undefined) return [];
  const assessed: Assessed[] = [];
  for (const node of known.view.resources({ cluster, group: '', kind: 'Node' })) {
    const object = known.object(node.id);
    if (object) assessed.push({ node, object, obstacles: [...obstacles(known, { pod, spec }, node, object)] });
  }
  return assessed.sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

interface Placed {
  readonly pod: Resource;
  readonly spec: Tree;
}

function* obstacles(known: Case, placed: Placed, node: Resource, object: KubeObject): Iterable<Obstacle> {
  const { pod, spec } = placed;
  const nodeSpec = treeAt(object, 'spec');
  const cordon: Taint = { key: CORDON, value: '', effect: 'NoSchedule' };
  if (nodeSpec?.['unschedulable'] === true && !tolerates(spec, cordon)) yield { type: 'cordon' };
  for (const taint of taintsOf(object))
    if (taint.key !== CORDON && taint.effect !== 'PreferNoSchedule' && !tolerates(spec, taint))
      yield { type: 'taint', taint };
  if (!wantsNode(spec, object)) yield { type: 'selector' };
  yield* shortOf(known, spec, node, object);
  yield* others(known, placed, node, object);
  for (const volume of volumesOf(known, pod))
    if (!reaches(known.object(volume.id), object)) yield { type: 'volume', volume };
}

const CORDON = 'node.kubernetes.io/unschedulable';

export function taintsOf(node: KubeObject): readonly Taint[] {
  return listAt(treeAt(node, 'spec'), 'taints').map((one) => ({
    key: text(one['key']),
    value: text(one['value']),
    effect: text(one['effect']),
  }));
}

/** Source: core/v1 Toleration.ToleratesTaint. */
export function tolerates(podSpec: Tree, { key, value, effect }: Taint): boolean {
  return listAt(podSpec, 'tolerations').some((one) => {
    const {
      key: wanted = '',
      operator = 'Equal',
      effect: only = '',
    } = one as { key?: string; operator?: string; effect?: string };
    if (only !== '' && only !== effect) return false;
    if (wanted === '') return operator === 'Exists';
    return wanted === key && (operator === 'Exists' || text(one['value']) === value);
  });
}

/** Node selector and required node affinity. */
export function wantsNode(podSpec: Tree, node: KubeObject): boolean {
  const labels = { ...node.metadata.labels, [FIELD_NAME]: node.metadata.name };
  const selector = Object.entries(treeAt(podSpec, 'nodeSelector') ?? {});
  if (selector.some(([key, value]) => node.metadata.labels?.[key] !== value)) return false;
  if (text(podSpec['nodeName']) !== '' && podSpec['nodeName'] !== node.metadata.name) return false;
  const required = treeAt(
    treeAt(treeAt(podSpec, 'affinity'), 'nodeAffinity'),
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  return required === undefined || anyTerm(required, labels);
}

const FIELD_NAME = 'field:metadata.name';

/** Terms are alternatives; an empty one matches no node. Source: core/v1 NodeSelector. */
function anyTerm(nodeSelector: Tree, labels: Readonly<Record<string, string>>): boolean {
  return listAt(nodeSelector, 'nodeSelectorTerms').some((term) => {
    const expressions = requirementsFrom(term['matchExpressions'] ?? []) ?? [];
    const fields = (requirementsFrom(term['matchFields'] ?? []) ?? []).map((one) => ({
      ...one,
      key: `field:${one.key}`,
    }));
    return expressions.length + fields.length > 0 && matches([...expressions, ...fields], labels);
  });
}

/** Whether a volume can be used on a node. */
export function reaches(volume: KubeObject | undefined, node: KubeObject): boolean {
  const required = treeAt(treeAt(treeAt(volume, 'spec'), 'nodeAffinity'), 'required');
  if (required === undefined) return true;
  const labels = { ...node.metadata.labels, [FIELD_NAME]: node.metadata.name };
  const zone = node.metadata.labels?.[ZONE];
  // Drivers call the zone by a label of their own, which they put on nodes when they start there.
  const zones = listAt(required, 'nodeSelectorTerms')
    .flatMap((term) => listAt(term, 'matchExpressions').map(({ key }) => text(key)))
    .filter((key) => zone !== undefined && key.endsWith('/zone') && !(key in labels));
  return anyTerm(required, { ...labels, ...Object.fromEntries(zones.map((key) => [key, zone ?? ''])) });
}

const ZONE = 'topology.kubernetes.io/zone';

/** Volumes that the claims of a pod are bound to; of a claim that is not known, by whom the volume says it belongs to. */
export function volumesOf(known: Case, pod: Resource): readonly Resource[] {
  const bound = known.targets(pod.id, 'CLAIMS').flatMap((claim) => known.targets(claim.id, 'BOUND_TO'));
  const unknown = known.dangling(pod.id).filter(({ type }) => type === 'CLAIMS');
  if (unknown.length === 0) return bound;
  const names = new Set(unknown.map(({ target: { namespace, name } }) => `${namespace}/${name}`));
  const volumes = [...known.view.resources({ cluster: pod.cluster, group: '', kind: 'PersistentVolume' })];
  const claimed = volumes.filter(({ id }) => {
    const reference = treeAt(treeAt(known.object(id), 'spec'), 'claimRef');
    return names.has(`${text(reference?.['namespace'])}/${text(reference?.['name'])}`);
  });
  return [...bound, ...claimed];
}

export type Amounts = ReadonlyMap<string, number>;

/** What the containers of a pod ask for: the sum of those that run together, or one of those before them if that is more. */
export function requestsOf(podSpec: Tree | undefined): Amounts {
  const total = new Map<string, number>();
  const each = (container: Tree): readonly (readonly [string, number])[] =>
    Object.entries(treeAt(treeAt(container, 'resources'), 'requests') ?? {}).map(([name, amount]) => [
      name,
      quantity(amount) ?? 0,
    ]);
  const init = listAt(podSpec, 'initContainers');
  const together = [...listAt(podSpec, 'containers'), ...init.filter((one) => one['restartPolicy'] === 'Always')];
  for (const [name, amount] of together.flatMap(each)) total.set(name, (total.get(name) ?? 0) + amount);
  for (const [name, amount] of init.flatMap(each)) total.set(name, Math.max(total.get(name) ?? 0, amount));
  for (const [name, amount] of Object.entries(treeAt(podSpec, 'overhead') ?? {}))
    total.set(name, (total.get(name) ?? 0) + (quantity(amount) ?? 0));
  return total;
}

export function allocatableOf(node: KubeObject): Amounts {
  const status = treeAt(node, 'status');
  const amounts = treeAt(status, 'allocatable') ?? treeAt(status, 'capacity') ?? {};
  return new Map(Object.entries(amounts).map(([name, amount]) => [name, quantity(amount) ?? 0]));
}

/** Pods of a node that have not ended. */
export function podsOn(known: Case, node: Resource): readonly Resource[] {
  return known
    .sources(node.id, 'RUNS_ON')
    .filter(
      ({ id, kind }) =>
        kind === 'Pod' && !/^(?:Succeeded|Failed)$/.test(text(treeAt(known.object(id), 'status')?.['phase'])),
    );
}

/** What the pods of a node ask for, together and by workload. `pods` is how many they are. */
export interface Usage {
  readonly total: Amounts;
  readonly byWhole: ReadonlyMap<ResourceId, { readonly whole: Resource; readonly amounts: Amounts }>;
}

const usages = new WeakMap<Case, Map<ResourceId, Usage>>();

export function usageOf(known: Case, node: Resource): Usage {
  const byNode = usages.get(known) ?? new Map<ResourceId, Usage>();
  usages.set(known, byNode);
  const usage = byNode.get(node.id) ?? added(known, podsOn(known, node));
  byNode.set(node.id, usage);
  return usage;
}

function added(known: Case, pods: readonly Resource[]): Usage {
  const total = new Map<string, number>();
  const byWhole = new Map<ResourceId, { readonly whole: Resource; readonly amounts: Map<string, number> }>();
  for (const pod of pods) {
    const whole = known.whole(pod);
    const its = byWhole.get(whole.id) ?? { whole, amounts: new Map<string, number>() };
    byWhole.set(whole.id, its);
    for (const [name, amount] of [...requestsOf(treeAt(known.object(pod.id), 'spec')), ['pods', 1] as const])
      for (const amounts of [total, its.amounts]) amounts.set(name, (amounts.get(name) ?? 0) + amount);
  }
  return { total, byWhole };
}

function* shortOf(known: Case, spec: Tree, node: Resource, object: KubeObject): Iterable<Obstacle> {
  const room = allocatableOf(object);
  if (room.size === 0) return;
  const used = usageOf(known, node).total;
  for (const [name, wanted] of [...requestsOf(spec), ['pods', 1] as const]) {
    const there = room.get(name) ?? (name === 'pods' ? Number.POSITIVE_INFINITY : 0);
    if (wanted > 0 && (used.get(name) ?? 0) + wanted > there) yield { type: 'resource', name, never: wanted > there };
  }
}

/** Pods of the node that are in the way: one that has the port, one that this pod must not be beside. */
function* others(known: Case, { pod, spec }: Placed, node: Resource, object: KubeObject): Iterable<Obstacle> {
  const wanted = new Set(hostPorts(spec));
  const terms = listAt(
    treeAt(treeAt(spec, 'affinity'), 'podAntiAffinity'),
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  if (wanted.size === 0 && terms.length === 0) return;
  for (const other of podsOn(known, node)) {
    if (other.id === pod.id) continue;
    if (hostPorts(treeAt(known.object(other.id), 'spec')).some((port) => wanted.has(port)))
      yield { type: 'ports', holder: other };
    const isApart = terms.some((term) => {
      const places = Array.isArray(term['namespaces']) ? term['namespaces'] : [pod.namespace];
      const selector = selectorFrom(term['labelSelector']);
      const isHere = object.metadata.labels?.[text(term['topologyKey'])] !== undefined || term['topologyKey'] === HOST;
      return isHere && selector !== undefined && places.includes(other.namespace) && matches(selector, other.labels);
    });
    if (isApart) yield { type: 'apart', from: other };
  }
}

const HOST = 'kubernetes.io/hostname';

/** Ports of the host that a pod takes: `TCP/8080`. */
export function hostPorts(podSpec: Tree | undefined): readonly string[] {
  const isHost = podSpec?.['hostNetwork'] === true;
  return listAt(podSpec, 'containers').flatMap((container) =>
    listAt(container, 'ports').flatMap((one) => {
      const port = one['hostPort'] ?? (isHost ? one['containerPort'] : undefined);
      return typeof port === 'number' && port > 0 ? [`${text(one['protocol']) || 'TCP'}/${port}`] : [];
    }),
  );
}
