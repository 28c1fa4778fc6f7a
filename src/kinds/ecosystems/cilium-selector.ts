/**
 * Cilium's endpoint selectors: label selectors whose keys may carry the label's source (`k8s:app`, `any:app`, `reserved:host`) and which choose
 * namespaces and service accounts by labels that Cilium adds. Source: cilium pkg/policy/api EndpointSelector, pkg/k8s/apis/cilium.io/utils.
 */
import type { Namespaces } from '../../model/reference.ts';
import { type Requirement, type Selector, selectorFrom } from '../../model/selector.ts';
import type { Outcome } from '../kind.ts';
import { accountsIn, entity, NAMESPACE_NAME, namespacesFrom, podsIn } from '../pod-peers.ts';

const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
/** Chooses pods of other clusters, or by what no label of a Pod says. */
const ELSEWHERE: ReadonlySet<string> = new Set(['io.cilium.k8s.policy.cluster', 'io.kubernetes.pod.name']);

/** An endpoint selector taken apart. */
export interface EndpointChoice {
  /** Requirements on the labels of pods. */
  readonly pods: Selector;
  /** Requirements on namespaces: their labels, their name as `kubernetes.io/metadata.name`. */
  readonly namespaces: Selector;
  readonly accounts: readonly string[];
  /** What `reserved:…` labels name. */
  readonly entities: readonly string[];
}

/** The parts of an endpoint selector; undefined when it is malformed or chooses what is not known here. */
export function endpointChoice(value: unknown): EndpointChoice | undefined {
  const selector = selectorFrom(value);
  if (selector === undefined) return undefined;
  const pods: Requirement[] = [];
  const namespaces: Requirement[] = [];
  const accounts: string[] = [];
  const entities: string[] = [];
  for (const requirement of selector) {
    const [source, key] = sourceOf(requirement.key);
    if (source === 'reserved') entities.push(key);
    else if ((source !== 'k8s' && source !== 'any') || ELSEWHERE.has(key)) return undefined;
    else if (key === SERVICE_ACCOUNT) {
      if (requirement.operator !== 'In') return undefined;
      accounts.push(...requirement.values);
    } else if (key === POD_NAMESPACE) namespaces.push({ ...requirement, key: NAMESPACE_NAME });
    else if (key.startsWith(NAMESPACE_LABELS)) {
      namespaces.push({ ...requirement, key: key.slice(NAMESPACE_LABELS.length) });
    } else pods.push({ ...requirement, key });
  }
  return { pods, namespaces, accounts, entities };
}

/** `k8s:app` → k8s, app; a key without a source is of any. */
function sourceOf(key: string): readonly [source: string, key: string] {
  const colon = key.indexOf(':');
  return colon < 0 ? ['any', key] : [key.slice(0, colon), key.slice(colon + 1)];
}

/** Requirements on the labels of nodes; undefined when malformed. */
export function nodeChoice(value: unknown): Selector | undefined {
  return selectorFrom(value)?.map((requirement) => ({ ...requirement, key: sourceOf(requirement.key)[1] }));
}

/**
 * The peers that a selector chooses in a policy of the namespace (`` for a clusterwide one): without a word on namespaces, those of the own.
 * Service accounts are named themselves; together with pod labels they cannot be resolved from names, and nothing is said.
 */
export function endpointPeers(value: unknown, own: string, attributes?: Outcome['attributes']): readonly Outcome[] {
  const choice = endpointChoice(value);
  if (choice === undefined) return [];
  const { pods, accounts, entities } = choice;
  if (entities.length > 0) return entities.map((name) => entity(name, attributes));
  const namespaces = placesOf(choice, own);
  if (accounts.length === 0) return podsIn(namespaces, pods.length > 0 ? pods : undefined, attributes);
  return pods.length > 0 ? [] : accountsIn(namespaces, accounts, attributes);
}

/** `Exists` on the pod's namespace is true of every pod. */
function placesOf({ namespaces }: EndpointChoice, own: string): Namespaces {
  if (namespaces.length === 0) return own === '' ? { type: 'all' } : { type: 'names', names: [own] };
  return namespacesFrom(namespaces.filter(({ key, operator }) => key !== NAMESPACE_NAME || operator !== 'Exists'));
}
